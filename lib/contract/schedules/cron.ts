/** Parses a cron expression of five fields into sets of values. */

/** The values of each field. Each list is sorted and has at least one value. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Days of the month, 1 to 31. */
  readonly days: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 to 6, Sunday is 0. */
  readonly weekdays: readonly number[];
  /** Whether both kinds of days are restricted. Then a day of either kind matches, as in POSIX crontab. */
  readonly eitherDay: boolean;
}

/** The parsed expression, or its faults: one text per field, to follow the name of the input. */
export type ReadCron = { readonly cron: Cron } | { readonly faults: readonly string[] };

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names of the values, in order, beginning with `least`. */
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
/** 7 is also Sunday, so that "5-7" is valid. */
const WEEKDAY: Field = {
  name: "day of the week",
  least: 0,
  most: 7,
  names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};
const FIELDS = [MINUTE, HOUR, DAY, MONTH, WEEKDAY] as const;

/** Parses `minute hour day-of-month month day-of-week` with lists, ranges, steps and English names. */
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

/** Returns the values of a field, or what is wrong with it. */
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
  // "*" of the week ends with Saturday (6). With 7, a step could include Sunday twice.
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
