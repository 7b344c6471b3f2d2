/**
 * Runs one round of ./dev test. The groups that keep all cores busy run one after the other. Meanwhile the
 * groups run that mostly wait.
 */

import { Interrupted, orInterrupted } from "../cli/interrupted.ts";
import { Refusal } from "../cli/refusal.ts";
import { tell } from "../cli/steps.ts";
import { newestDeno } from "../setup/deno.ts";
import { checks } from "./checks.ts";
import { testApart, type TestRun, testTogether } from "./deno_test.ts";
import { ONE_PASSED, oneFailed, type Results, sum } from "./results.ts";
import type { Plan, Selection } from "./selection.ts";
import type { Environment, TestStage } from "./stage.ts";

const CORES = navigator.hardwareConcurrency;

interface Phase {
  readonly what: string;
  readonly files: readonly string[];
  /** Prepares what the tests need. Called when the phase begins. */
  readonly needs?: () => Promise<Partial<TestRun>>;
  readonly test: (run: TestRun) => Promise<Results>;
  readonly atOnce: number;
}

/** Runs the selected tests. Without a selection it also checks the sources and uses the newest Deno. */
export async function oneRound(
  { groups, paths, filter }: Selection,
  { plan, stage }: { readonly plan: Plan; readonly stage: TestStage },
): Promise<Results> {
  const isWhole = groups.length + paths.length === 0 && filter === undefined;
  const inEnvironment = (env: () => Promise<Environment>) => async () => ({ env: await env() });
  const together = { test: testTogether, atOnce: CORES };
  const apart = { test: testApart, atOnce: CORES };
  const busy: readonly Phase[] = [
    { what: "unit tests", files: plan.unit, ...together },
    {
      what: "unit tests on the newest Deno",
      files: isWhole ? plan.unit : [],
      needs: async () => ({ deno: await newestDeno() }),
      ...together,
    },
    {
      what: "tests on Postgres",
      files: plan.postgres,
      needs: inEnvironment(stage.postgres),
      ...together,
    },
    { what: "browser tests", files: plan.browser, needs: inEnvironment(stage.browser), ...apart },
  ];
  const integration = {
    what: "integration tests",
    files: plan.integration,
    needs: inEnvironment(stage.integration),
    ...apart,
  };
  const acceptance = {
    what: "acceptance tests",
    files: plan.acceptance,
    needs: inEnvironment(stage.acceptance),
    ...apart,
  };
  const run = (phase: Phase) => resultsOf(phase, filter);
  const results = await Promise.all([
    isWhole ? checked() : sum([]),
    inTurn(busy, run),
    run(integration),
    run(acceptance),
  ]);
  return sum([...results, ...stage.absent.map((name) => oneFailed(`Cannot find ${name}`))]);
}

async function inTurn(
  phases: readonly Phase[],
  run: (phase: Phase) => Promise<Results>,
): Promise<Results> {
  const results: Results[] = [];
  for (const phase of phases) results.push(await run(phase));
  return sum(results);
}

async function resultsOf(phase: Phase, filter: string | undefined): Promise<Results> {
  const { what, files, needs, test, atOnce } = phase;
  if (files.length === 0) return sum([]);
  try {
    const needed = await needs?.();
    tell(`         ${what}`);
    return await orInterrupted(test({ files, filter, atOnce, ...needed }));
  } catch (error) {
    return failure(error);
  }
}

async function checked(): Promise<Results> {
  return await orInterrupted(checks())
    ? ONE_PASSED
    : oneFailed("The check of format, lint or types failed");
}

/** Counts a failed set-up or build as one failure, so that the other groups still run. */
function failure(error: unknown): Results {
  if (error instanceof Interrupted) throw error;
  const why = messageOf(error);
  tell(why);
  return oneFailed(why);
}

function messageOf(error: unknown): string {
  if (error instanceof Refusal) return `${error.message}\n  ${error.hint}`;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
