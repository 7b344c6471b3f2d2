/** One `deno test` in a process of its own: its output is shown as it comes, then read. */

import { ROOT } from "../cli/paths.ts";
import { print } from "../cli/steps.ts";
import { parseResults, type Results } from "./results.ts";

export interface TestRun {
  /** The Deno to run on. */
  readonly deno: string;
  /** Relative to the project. */
  readonly files: readonly string[];
  readonly filter?: string | undefined;
  /** How many files run at once; one by default. */
  readonly jobs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Another run that is shown as it comes: then this one's output is shown whole, after that one's. */
  readonly shownAfter?: Promise<unknown>;
}

/** Runs tests with the leak detectors on. */
export async function denoTest(
  { deno, files, filter, jobs = 1, env, shownAfter }: TestRun,
): Promise<Results> {
  const live = shownAfter === undefined;
  const child = new Deno.Command(deno, {
    args: [
      ...["test", "--allow-all", "--frozen", "--no-check"],
      ...(filter === undefined ? [] : [`--filter=${filter}`]),
      ...(jobs > 1 ? ["--parallel"] : []),
      ...files,
    ],
    cwd: ROOT,
    env: {
      NO_COLOR: "1",
      DENO_TEST_SANITIZE_OPS: "1",
      DENO_TEST_SANITIZE_RESOURCES: "1",
      DENO_JOBS: String(jobs),
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: live ? "inherit" : "piped",
  }).spawn();

  const [shown, read] = child.stdout.tee();
  const [, output, errors, { code }] = await Promise.all([
    live ? shown.pipeTo(Deno.stdout.writable, { preventClose: true }) : shown.cancel(),
    new Response(read).text(),
    live ? "" : new Response(child.stderr).text(),
    child.status,
  ]);
  if (!live) {
    await shownAfter;
    print(`${errors}${output}`);
  }
  return parseResults(output, code);
}
