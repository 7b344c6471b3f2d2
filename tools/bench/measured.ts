/** One step of a bench. */

import { step, tell } from "../steps.ts";
import { type Figure, figureLine } from "./figures.ts";

/** Does the step and tells its figures at once: a bench takes minutes, and may fail late. */
export async function measured(
  what: string,
  work: () => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const figures = await step(what, work);
  for (const figure of figures) tell(`         ${figureLine(figure)}`);
  return figures;
}
