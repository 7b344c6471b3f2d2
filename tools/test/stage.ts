/** Prepares what tests need besides Deno. Each part is prepared on first use and shared by the whole run. */

import { buildBinaries } from "../build/binaries.ts";
import { disposableImages } from "../build/images.ts";
import { openedOrInterrupted, orInterrupted } from "../cli/interrupted.ts";
import { DIST, ROOT } from "../cli/paths.ts";
import { Refusal } from "../cli/refusal.ts";
import { run } from "../cli/run.ts";
import { setUpAll } from "../setup/mod.ts";
import {
  CHROMIUM,
  HAPROXY,
  PGBOUNCER,
  POSTGRES,
  type TestProgram,
  testProgram,
} from "../setup/test_programs.ts";
import { step, tell } from "../cli/steps.ts";

/** Environment variables of the tests. A missing program has no variable, and its tests are skipped. */
export type Environment = Readonly<Record<string, string>>;

export interface TestStage extends AsyncDisposable {
  postgres(): Promise<Environment>;
  browser(): Promise<Environment>;
  integration(): Promise<Environment>;
  acceptance(): Promise<Environment>;
  /** Names of the programs that are missing. Each counts as a failure. */
  readonly absent: readonly string[];
}

export function openTestStage(): TestStage {
  const opened = new AsyncDisposableStack();
  const absent: string[] = [];

  const found = new Map<TestProgram, Promise<Environment>>();
  const program = (wanted: TestProgram): Promise<Environment> => {
    const known = found.get(wanted) ?? find(wanted);
    found.set(wanted, known);
    return known;
  };
  async function find(wanted: TestProgram): Promise<Environment> {
    try {
      const named = Deno.env.get(wanted.variable);
      return { [wanted.variable]: named || await orInterrupted(testProgram(wanted)) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      tell(`${error.message}\n  ${error.hint}`);
      absent.push(wanted.name);
      return {};
    }
  }

  const cluster = once(async (): Promise<Environment> => {
    const postgres = await program(POSTGRES);
    if (!(POSTGRES.variable in postgres)) return {};
    const folder = await Deno.makeTempDir({ prefix: "bigeye-postgres-" });
    const env = { ...postgres, BIGEYE_TEST_POSTGRES_CLUSTER: folder };
    const script = "tests/harness/databases/start_cluster.ts";
    const argv = [Deno.execPath(), "run", "-A", "--no-check", "--frozen", script, `${Deno.pid}`];
    await step("Postgres", () => run(argv, { cwd: ROOT, env }));
    return env;
  });
  const toolchain = once(() => orInterrupted(setUpAll()));

  return {
    absent,
    postgres: async () => ({
      ...await cluster(),
      ...await program(PGBOUNCER),
      BIGEYE_TEST_STORE: "postgres",
    }),
    browser: () => program(CHROMIUM),
    async integration() {
      const { temporal } = await toolchain();
      return { ...await cluster(), ...await program(HAPROXY), BIGEYE_TEST_TEMPORAL: temporal };
    },
    acceptance: once(async () => {
      const { temporal, denort } = await toolchain();
      await orInterrupted(buildBinaries(denort));
      const binaries = await copiedBinaries();
      opened.defer(() => Deno.remove(binaries, { recursive: true }));
      const images = opened.use(await openedOrInterrupted(disposableImages()));
      return {
        ...await program(POSTGRES),
        ...await program(HAPROXY),
        BIGEYE_TEST_TEMPORAL: temporal,
        BIGEYE_TEST_DENORT: denort,
        BIGEYE_TEST_BINARIES: binaries,
        BIGEYE_TEST_ORCHESTRATOR_IMAGE: images.orchestrator,
        BIGEYE_TEST_PLANE_IMAGE: images.plane,
        BIGEYE_TEST_AGENT_IMAGE: images.agent,
      };
    }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/**
 * Copies the programs, because a test of `./dev demo` replaces those in dist/, and a program that is
 * starting reads its own file by its path.
 */
async function copiedBinaries(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "bigeye-binaries-" });
  for (const name of ["bigeye-agent", "bigeye-control-plane"]) {
    await Deno.copyFile(`${DIST}/${name}`, `${folder}/${name}`);
  }
  return folder;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}
