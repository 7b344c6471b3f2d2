/** Times and durations for people. The server renders UTC; the script converts to the reader's time zone. */

import type { JSX } from "hono/jsx/jsx-runtime";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Formats as `21 Nov 2026, 15:04 UTC`. */
export function utcInWords(at: string): string {
  const time = new Date(at);
  const date = `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
  return `${date}, ${time.toISOString().slice(11, 16)} UTC`;
}

const exact = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 23).replace("Z", "")} UTC`;

/** A point in time; hovering shows the exact value. */
export function When({ at }: { at: string }): JSX.Element {
  return <time datetime={at} title={exact(at)} data-time="point">{utcInWords(at)}</time>;
}

/** The same with seconds, for steps that follow each other quickly. */
export function Moment({ at }: { at: string }): JSX.Element {
  return (
    <time datetime={at} title={exact(at)} data-time="moment">
      {utcInWords(at).replace(/\d\d:\d\d/, at.slice(11, 19))}
    </time>
  );
}

/** The age of something; the script updates it. */
export function Age({ at, now }: { at: string; now: Date }): JSX.Element {
  return (
    <time datetime={at} title={exact(at)} data-time="age">
      {ageInWords(at, now)}
    </time>
  );
}

/** A duration; while it is still running the script updates it. */
export function Span(
  { from, to, now }: { from: string; to: string | null; now: Date },
): JSX.Element {
  const end = to === null ? now.getTime() : Date.parse(to);
  const words = durationInWords(end - Date.parse(from));
  if (to !== null) return <span class="number">{words}</span>;
  return <time class="number" datetime={from} data-time="span">{words}</time>;
}

const UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3_600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
] as const;

/** Formats a duration with its two largest units, as in `2 h 5 min`; a negative one counts as 0. */
export function durationInWords(ms: number): string {
  let seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds === 0) return ms > 0 ? "under 1 s" : "0 s";
  const parts: string[] = [];
  for (const { name, seconds: size } of UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    // "1 d 12 s" would look exact although it skips hours.
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(" ");
}

/** Formats an age with its largest unit only, as in `3 min ago`. */
export function ageInWords(at: string, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(at)) / 1000);
  if (seconds < 1) return "just now";
  const unit = UNITS.find(({ seconds: size }) => seconds >= size) ?? UNITS[3];
  return `${Math.floor(seconds / unit.seconds)} ${unit.name} ago`;
}
