/** Runs `deno test` in child processes, shows their output and reads the results from it. */

import { endWhenInterrupted } from "../cli/interrupted.ts";
import { ROOT } from "../cli/paths.ts";
import { print } from "../cli/steps.ts";
import { parseResults, type Results, sum } from "./results.ts";

export interface TestRun {
  /** Relative to the project. */
  readonly files: readonly string[];
  /** How many files are tested at the same time. */
  readonly atOnce: number;
  readonly filter?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Path of the Deno to use; default this one. */
  readonly deno?: string;
}

/** Tests all files in one process, and shows its output live. */
export async function testTogether(run: TestRun): Promise<Results> {
  const child = spawned(run, ["--parallel", ...run.files]);
  const [shown, read] = child.stdout.tee();
  const [, , output, { code }] = await Promise.all([
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
    child.stderr.pipeTo(Deno.stderr.writable, { preventClose: true }),
    new Response(read).text(),
    child.status,
  ]);
  return parseResults(output, code);
}

/**
 * Tests each file in a separate process, because Temporal's native workers cannot share one. Shows the output
 * of each file when it has ended, so that the output of two files does not mix.
 */
export async function testApart(run: TestRun): Promise<Results> {
  const left = [...run.files];
  const results: Results[] = [];
  const work = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      const { stdout, stderr, code } = await spawned(run, [file]).output();
      const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      print(`${errors}${output}`);
      results.push(parseResults(output ?? "", code));
    }
  };
  await Promise.all(Array.from({ length: run.atOnce }, work));
  return sum(results);
}

/** Starts `deno test` with the leak detectors, and without the type check, which ran before. */
function spawned(
  { atOnce, filter, env, deno = Deno.execPath() }: TestRun,
  args: readonly string[],
): Deno.ChildProcess {
  const filtered = filter === undefined ? [] : [`--filter=${filter}`];
  const child = new Deno.Command(deno, {
    args: ["test", "--allow-all", "--frozen", "--no-check", ...filtered, ...args],
    cwd: ROOT,
    env: {
      NO_COLOR: "1",
      DENO_TEST_SANITIZE_OPS: "1",
      DENO_TEST_SANITIZE_RESOURCES: "1",
      DENO_JOBS: String(atOnce),
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  endWhenInterrupted(child);
  return child;
}
