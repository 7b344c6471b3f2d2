/** ./dev test: everything, set up from nothing, closed by one line of sums. */

import { buildBinaries } from "./build/binaries.ts";
import { disposableImages } from "./build/disposable_images.ts";
import { checks } from "./test/checks.ts";
import {
  heedInterrupts,
  Interrupted,
  openedOrInterrupted,
  orInterrupted,
} from "./cli/interrupted.ts";
import { main } from "./cli/main.ts";
import { readOptions } from "./cli/options.ts";
import { DIST } from "./cli/paths.ts";
import { Refusal } from "./cli/refusal.ts";
import { setUpAll } from "./setup/mod.ts";
import { newestDeno } from "./setup/newest_deno.ts";
import { print, tell } from "./cli/steps.ts";
import { denoTest } from "./test/deno_test.ts";
import { testPrograms } from "./test/programs.ts";
import { closingLine, ONE_FAILED, ONE_PASSED, type Results, sum } from "./test/results.ts";

const MACHINE_TESTS = ["tests/integration", "tests/browser", "tests/acceptance"];
/** Acceptance tests that mostly wait: beside the others they cost little, and no time of their own. */
const WAITING_TESTS = ["tests/beside"];

type Environment = Readonly<Record<string, string>>;

await main(async () => {
  readOptions("test", {});
  heedInterrupts();
  const checked = await orInterrupted(checkAll());
  const programs = await testPrograms();
  const results = sum([
    checked,
    programs.results,
    await orInterrupted(unitTests(programs.env)).catch(failure),
    await machineTests(programs.env).catch(failure),
  ]);
  for (const name of results.skipped) tell(`skipped: ${name}`);
  print(closingLine(results));
  return results.failed === 0 ? 0 : 1;
});

async function checkAll(): Promise<Results> {
  return await checks() ? ONE_PASSED : ONE_FAILED;
}

/** What cannot even be set up or built is one failure, after the other parts have been heard. */
function failure(error: unknown): Results {
  if (error instanceof Interrupted) throw error;
  if (error instanceof Refusal) tell(`${error.message}\n  ${error.hint}`);
  else tell(error instanceof Error ? error.stack ?? error.message : String(error));
  return ONE_FAILED;
}

/** On the pinned Deno, and on the newest one, so that the pin can move. */
async function unitTests(env: Environment): Promise<Results> {
  const results: Results[] = [];
  for (const deno of [Deno.execPath(), await newestDeno()]) {
    tell(`         unit tests on ${deno}`);
    results.push(
      await denoTest({
        deno,
        env,
        folders: ["tests"],
        without: [...MACHINE_TESTS, ...WAITING_TESTS],
      }),
    );
  }
  return sum(results);
}

/** On real Docker, real Temporal and the compiled programs, with images of this run's own. */
async function machineTests(programs: Environment): Promise<Results> {
  const { deno, temporal, denort } = await orInterrupted(setUpAll());
  await orInterrupted(buildBinaries(denort));
  await using images = await openedOrInterrupted(disposableImages());
  const env = {
    ...programs,
    BIGEYE_TEST_TEMPORAL: temporal,
    BIGEYE_TEST_DENORT: denort,
    BIGEYE_TEST_BINARIES: DIST,
    BIGEYE_TEST_ORCHESTRATOR_IMAGE: images.orchestratorImage,
    BIGEYE_TEST_PLANE_IMAGE: images.planeImage,
    BIGEYE_TEST_AGENT_IMAGE: images.agentImage,
  };
  const most = denoTest({ deno, env, folders: MACHINE_TESTS });
  const waiting = denoTest({ deno, env, folders: WAITING_TESTS, shownAfter: most });
  return sum(await orInterrupted(Promise.all([most, waiting])));
}
