/** How long something takes by itself: a machine that others keep busy makes one time slow, and hardly three. */

/** The shortest of three times that `measure` answers, in milliseconds. */
export async function fastest(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  while (times.length < 3) times.push(await measure());
  return Math.min(...times);
}
