/** A small form that was refused stands on its page again, as it was typed. */

import { Problem } from "../../../lib/problem.ts";
import type { PageAnswer, ShownPage } from "../page.ts";

export interface Refused {
  /** The fields as they were sent. */
  readonly typed: URLSearchParams;
  /** The first fault of each field that has one. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Obeys a form. When what is wrong is one of its fields, `again` shows it; anything else is thrown. */
export async function obeyed(
  typed: URLSearchParams,
  { obey, again }: {
    obey: () => Promise<PageAnswer>;
    again: (refused: Refused) => Promise<ShownPage>;
  },
): Promise<PageAnswer> {
  try {
    return await obey();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { status } = error;
    const faults = faultsIn(error, typed);
    if (faults.size === 0 || (status !== 409 && status !== 422)) throw error;
    return { ...await again({ typed, faults }), status };
  }
}

function faultsIn({ details }: Problem, typed: URLSearchParams): ReadonlyMap<string, string> {
  const faults = new Map<string, string>();
  for (const { path = "", message } of details) {
    if (!typed.has(path) || faults.has(path)) continue;
    faults.set(path, message.charAt(0).toUpperCase() + message.slice(1));
  }
  return faults;
}
