/** Finds the name that a person meant by a mistyped one. */

/**
 * Returns the candidate that is the fewest edits away, if one contains the other or at most half of the
 * word must change; otherwise the first candidate that contains the word.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: edits(word, candidate) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (!best) return undefined;
  const isPart = best.candidate.includes(word) || word.includes(best.candidate);
  const part = candidates.find((candidate) => word.length > 2 && candidate.includes(word));
  return isPart || best.edits <= word.length / 2 ? best.candidate : part;
}

/** Levenshtein distance. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const changed = (row[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
