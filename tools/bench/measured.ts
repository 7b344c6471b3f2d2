/** One step of a bench. */

import { step, tell } from "../cli/steps.ts";
import { type Figure, figureLine } from "./figures.ts";
import { withSteal } from "./steal.ts";

/**
 * Does the step and tells its figures at once: a bench takes minutes, and may fail late. Where the
 * machine is a virtual one, it also tells how much others took from it meanwhile.
 */
export async function measured(
  what: string,
  work: () => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const { value: figures, stolen } = await withSteal(() => step(what, work));
  for (const figure of figures) tell(`         ${figureLine(figure)}`);
  if (stolen >= 0.01) tell(`         taken by other machines meanwhile: ${percent(stolen)}`);
  return figures;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} % of the processors`;
