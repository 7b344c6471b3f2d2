/** The programs that only tests take, and what the tests are told of them. */

import { orInterrupted } from "../cli/interrupted.ts";
import { Refusal } from "../cli/refusal.ts";
import { TEST_PROGRAMS, testProgram } from "../setup/test_programs.ts";
import { tell } from "../cli/steps.ts";
import { NOTHING, ONE_FAILED, type Results, sum } from "./results.ts";

export interface Programs {
  /** Variables with absolute paths; a program that could not be had is absent, and its tests skip. */
  readonly env: Readonly<Record<string, string>>;
  /** A failure for each that could not be had. */
  readonly results: Results;
}

/** Brings them where they are absent, and says where it cannot. What is named by its variable is taken. */
export async function testPrograms(): Promise<Programs> {
  const env: Record<string, string> = {};
  let results = NOTHING;
  for (const program of TEST_PROGRAMS) {
    try {
      env[program.variable] = Deno.env.get(program.variable) ||
        await orInterrupted(testProgram(program));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      tell(`${error.message}\n  ${error.hint}`);
      results = sum([results, ONE_FAILED]);
    }
  }
  return { env, results };
}
