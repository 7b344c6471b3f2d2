/** A cron expression of five fields, read as the sets of values that it stands for. */

/** What an expression stands for; each list is sorted, and never empty. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Days of the month, 1 to 31. */
  readonly days: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 to 6, Sunday is 0. */
  readonly weekdays: readonly number[];
  /** Both kinds of days are restricted: as in POSIX crontab, a day of either kind will do. */
  readonly eitherDay: boolean;
}

/** The expression, or what is wrong with it: one text a field, to follow the name of the input. */
export type ReadCron = { readonly cron: Cron } | { readonly faults: readonly string[] };

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** In the order of their numbers, from `least` on. */
  readonly names?: readonly string[];
}

const MINUTE: Field = { name: "minute", least: 0, most: 59 };
const HOUR: Field = { name: "hour", least: 0, most: 23 };
const DAY: Field = { name: "day of the month", least: 1, most: 31 };
const MONTH: Field = {
  name: "month",
  least: 1,
  most: 12,
  names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/** 7 is Sunday as well, so that "5-7" can be written. */
const WEEKDAY: Field = {
  name: "day of the week",
  least: 0,
  most: 7,
  names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};
const FIELDS = [MINUTE, HOUR, DAY, MONTH, WEEKDAY] as const;

/** Reads `minute hour day-of-month month day-of-week` with lists, ranges, steps and English names. */
export function readCron(text: string): ReadCron {
  const [minute, hour, day, month, weekday, ...more] = text.trim().split(/\s+/);
  if (
    minute === undefined || hour === undefined || day === undefined || month === undefined ||
    weekday === undefined || more.length > 0
  ) return { faults: [WRONG_COUNT] };
  const read = [minute, hour, day, month, weekday].map((part, index) =>
    readField(part, FIELDS[index] ?? MINUTE)
  );
  const faults = read.filter((values) => typeof values === "string");
  if (faults.length > 0) return { faults };
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = read
    .filter((values) => typeof values !== "string");
  return {
    cron: {
      minutes,
      hours,
      days,
      months,
      weekdays: sorted(weekdays.map((value) => value % 7)),
      eitherDay: day !== "*" && weekday !== "*",
    },
  };
}

const WRONG_COUNT = "must have 5 fields: minute, hour, day of the month, month, day of the week; " +
  "the shortest interval is a minute";

/** The values, or what is wrong. */
function readField(text: string, field: Field): readonly number[] | string {
  const parts = text.split(",").map((part) => readPart(part, field));
  const values = parts.filter((part) => part !== undefined);
  if (values.length === parts.length) return sorted(values.flat());
  const named = field.names ? ` or ${field.names[0]} to ${field.names.at(-1)}` : "";
  return `must have ${field.least} to ${field.most}${named} as its ${field.name}, ` +
    `in lists (1,2), ranges (1-5) and steps (*/5), not "${text}"`;
}

function readPart(text: string, field: Field): readonly number[] | undefined {
  const [, range, first, last, step = "1"] =
    /^(\*|([a-z]+|\d{1,2})(?:-([a-z]+|\d{1,2}))?)(?:\/(\d{1,2}))?$/i.exec(text) ?? [];
  if (range === undefined) return undefined;
  const by = Number(step);
  // "*" of the week ends with Saturday: with 7 a step of it would count Sunday twice.
  const end = field === WEEKDAY ? 6 : field.most;
  const from = first === undefined ? field.least : valueOf(first, field);
  const to = last === undefined
    ? (first !== undefined && !text.includes("/") ? from : end)
    : valueOf(last, field);
  if (from === undefined || to === undefined || from > to || by < 1) return undefined;
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function valueOf(word: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(word.toLowerCase());
  const value = named >= 0 ? named + least : Number(word);
  return value >= least && value <= most ? value : undefined;
}

const sorted = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].toSorted((a, b) => a - b);
