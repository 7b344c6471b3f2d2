/** Times for people: UTC from the server, which the script turns into the reader's zone. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { ageInWords, durationInWords } from "./durations.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** As in `21 Nov 2026, 15:04 UTC`. */
export function utcInWords(at: string): string {
  const time = new Date(at);
  const date = `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
  return `${date}, ${time.toISOString().slice(11, 16)} UTC`;
}

const exact = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 23).replace("Z", "")} UTC`;

/** A point in time; the exact one is shown on hover. */
export function When({ at }: { at: string }): JSX.Element {
  return <time datetime={at} title={exact(at)} data-time="point">{utcInWords(at)}</time>;
}

/** The same to the second, where several follow upon each other. */
export function Moment({ at }: { at: string }): JSX.Element {
  return (
    <time datetime={at} title={exact(at)} data-time="moment">
      {utcInWords(at).replace(/\d\d:\d\d/, at.slice(11, 19))}
    </time>
  );
}

/** How long ago something was; the script keeps it true. */
export function Age({ at, now }: { at: string; now: Date }): JSX.Element {
  return (
    <time datetime={at} title={exact(at)} data-time="age">
      {ageInWords(at, now)}
    </time>
  );
}

/** How long something took, or takes so far: then the script counts on. */
export function Span(
  { from, to, now }: { from: string; to: string | null; now: Date },
): JSX.Element {
  const end = to === null ? now.getTime() : Date.parse(to);
  const words = durationInWords(end - Date.parse(from));
  if (to !== null) return <span class="number">{words}</span>;
  return <time class="number" datetime={from} data-time="span">{words}</time>;
}
