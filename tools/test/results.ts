/** What the test runs came to, read from what `deno test` prints. */

export interface Results {
  readonly passed: number;
  readonly failed: number;
  /** Names of the tests that did not run; a name says why. */
  readonly skipped: readonly string[];
  /** What went wrong, a text for each process with a failure: names, places, errors. */
  readonly failures: readonly string[];
}

export const NOTHING: Results = { passed: 0, failed: 0, skipped: [], failures: [] };
export const ONE_PASSED: Results = { ...NOTHING, passed: 1 };

export function oneFailed(why: string): Results {
  return { ...NOTHING, failed: 1, failures: [why] };
}

const SHOWN_LINES = 20;

/**
 * Reads the uncoloured output of one `deno test` and its exit code. The JUnit report would not do: a
 * file that throws while it is loaded is missing there. A run that failed without saying so (types,
 * no summary) counts as one failure.
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

/** The last line of ./dev test. */
export function closingLine({ passed, failed, skipped }: Results): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}
