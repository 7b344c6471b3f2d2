/** Reads the results of test runs from the output of `deno test`. */

export interface Results {
  readonly passed: number;
  readonly failed: number;
  /** Names of the tests that did not run. The name says why. */
  readonly skipped: readonly string[];
  /** The errors of each process that failed, as one text: test names, places and messages. */
  readonly failures: readonly string[];
}

export const NOTHING: Results = { passed: 0, failed: 0, skipped: [], failures: [] };
export const ONE_PASSED: Results = { ...NOTHING, passed: 1 };

export function oneFailed(why: string): Results {
  return { ...NOTHING, failed: 1, failures: [why] };
}

const SHOWN_LINES = 20;

/**
 * Parses the uncoloured output of one `deno test`. The JUnit report would miss a file that throws while it is
 * loaded. A process that failed without a failed test, or printed no summary, counts as one failure.
 */
export function parseResults(output: string, code: number): Results {
  const summary = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m.exec(output);
  const [passed, failed] = [Number(summary?.[1] ?? 0), Number(summary?.[2] ?? 0)];
  const skipped = [...output.matchAll(/^(\S.*) \.\.\. ignored/gm)].map(([, name = ""]) => name);
  const silent = failed === 0 && (code !== 0 || summary === null);
  const errors = /^ ERRORS $\n+([^]*?)\n+(?=^ FAILURES $|^FAILED \|)/m.exec(output)?.[1];
  const isWell = failed === 0 && !silent;
  return {
    passed,
    failed: silent ? 1 : failed,
    skipped,
    failures: isWell ? [] : [errors ?? `deno test ended with ${code}: ${lastLines(output)}`],
  };
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-SHOWN_LINES).join("\n") || "it printed nothing";
}

export function sum(all: readonly Results[]): Results {
  return all.reduce((total, { passed, failed, skipped, failures }) => ({
    passed: total.passed + passed,
    failed: total.failed + failed,
    skipped: [...total.skipped, ...skipped],
    failures: [...total.failures, ...failures],
  }), NOTHING);
}

/** Renders the last line of ./dev test. */
export function closingLine({ passed, failed, skipped }: Results): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}
