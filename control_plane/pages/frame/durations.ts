/** Spans of time in words as short as a table needs. */

const UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3_600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
] as const;

/** The two largest units, as in `2 h 5 min`; less than nothing counts as nothing. */
export function durationInWords(ms: number): string {
  let seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds === 0) return ms > 0 ? "under 1 s" : "0 s";
  const parts: string[] = [];
  for (const { name, seconds: size } of UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    // "1 d 12 s" would pass for exact and skips hours.
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(" ");
}

/** The largest unit only, as in `3 min ago`. */
export function ageInWords(at: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(at)) / 1000);
  if (seconds < 1) return "just now";
  const unit = UNITS.find(({ seconds: size }) => seconds >= size) ?? UNITS[3];
  return `${Math.floor(seconds / unit.seconds)} ${unit.name} ago`;
}
