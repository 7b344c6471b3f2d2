/** ./dev test: everything, or the tests that are named, closed by one line of sums. */

import { heedInterrupts, Interrupted, orInterrupted } from "./cli/interrupted.ts";
import { main } from "./cli/main.ts";
import { WrongUsage } from "./cli/options.ts";
import { Refusal } from "./cli/refusal.ts";
import { newestDeno } from "./setup/deno.ts";
import { print, tell } from "./cli/steps.ts";
import { checks } from "./test/checks.ts";
import { denoTest } from "./test/deno_test.ts";
import { testFiles } from "./test/files.ts";
import { closingLine, ONE_FAILED, ONE_PASSED, type Results, sum } from "./test/results.ts";
import { type Plan, planOf, readSelection, type Selection, USAGE } from "./test/selection.ts";
import { openTestStage, type TestStage } from "./test/stage.ts";

const CORES = navigator.hardwareConcurrency;

await main(async () => {
  const selection = readSelection(Deno.args);
  if (selection === undefined) {
    print(USAGE);
    return 0;
  }
  const { filter } = selection;
  const plan = planOf(selection, testFiles());
  heedInterrupts();
  await using stage = openTestStage();
  for (let round = 1; round <= selection.repeat; round++) {
    const results = await oneRound(selection, { plan, stage });
    if (filter !== undefined && results.passed + results.failed === 0) {
      throw new WrongUsage(`Cannot find a test with "${filter}" in its name`);
    }
    const isOver = results.failed > 0 || round === selection.repeat;
    if (isOver) { for (const name of results.skipped) tell(`skipped: ${name}`); }
    const which = selection.repeat > 1 ? `round ${round} of ${selection.repeat}: ` : "";
    print(`${which}${closingLine(results)}`);
    if (results.failed > 0) return 1;
  }
  return 0;
});

async function oneRound(
  selection: Selection,
  { plan, stage }: { readonly plan: Plan; readonly stage: TestStage },
): Promise<Results> {
  const { groups, paths, filter } = selection;
  const isWhole = groups.length + paths.length === 0 && filter === undefined;
  const run = async (
    what: string,
    { files, env, deno = Deno.execPath(), jobs = 1 }: {
      readonly files: readonly string[];
      readonly env?: () => Promise<Readonly<Record<string, string>>>;
      readonly deno?: string;
      readonly jobs?: number;
    },
  ): Promise<Results> => {
    if (files.length === 0) return sum([]);
    try {
      const variables = await env?.() ?? {};
      tell(`         ${what}`);
      return await orInterrupted(denoTest({ deno, files, filter, jobs, env: variables }));
    } catch (error) {
      return failure(error);
    }
  };

  const results = [
    isWhole ? await checked() : sum([]),
    await run("unit tests", { files: plan.unit, jobs: CORES }),
    isWhole
      ? await run("unit tests on the newest Deno", {
        files: plan.unit,
        deno: await newestDeno(),
        jobs: CORES,
      })
      : sum([]),
    await run("tests on Postgres", { files: plan.postgres, env: stage.postgres, jobs: CORES }),
    await run("browser tests", { files: plan.browser, env: stage.browser }),
    await run("integration tests", { files: plan.integration, env: stage.integration }),
    await run("acceptance tests", { files: plan.acceptance, env: stage.acceptance }),
  ];
  return sum([...results, ...stage.absent.map(() => ONE_FAILED)]);
}

async function checked(): Promise<Results> {
  return await orInterrupted(checks()) ? ONE_PASSED : ONE_FAILED;
}

/** What cannot even be set up or built is one failure, and the other groups are still heard. */
function failure(error: unknown): Results {
  if (error instanceof Interrupted) throw error;
  if (error instanceof Refusal) tell(`${error.message}\n  ${error.hint}`);
  else tell(error instanceof Error ? error.stack ?? error.message : String(error));
  return ONE_FAILED;
}
