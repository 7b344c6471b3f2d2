/** Lets work that anybody can ask for wait for its turn, so that a flood of it takes no more than a trickle. */

/** Answers nothing where too much waits. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T> | undefined;

/**
 * Starts the work once all that was handed in before has ended, well or not; answers nothing, and starts
 * nothing, where `most` are waiting or at work already.
 */
export function oneAtATime(most: number): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  return (work) => {
    if (count >= most) return undefined;
    count++;
    const done = last.then(work).finally(() => count--);
    last = done.catch(() => {});
    return done;
  };
}
