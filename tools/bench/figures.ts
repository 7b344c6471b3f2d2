/** What the bench prints: one figure a line, with its limit and, where there is one, its baseline. */

import { columns } from "../demo/table.ts";

export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "s" | "kB" | "MB" | "%" | "x" | "runs" | "writes" | "requests";
  readonly value: number;
  /** What it must not exceed, or for counts what it must equal; absent for a figure that only informs. */
  readonly limit?: number;
  /** What is worked towards below the limit; what remains to it is told. */
  readonly aim?: number;
  /** The same done by something bare in this very run, in the same unit; of many, the median. */
  readonly baseline?: number;
  /** How many samples the value rests on; default 1. */
  readonly samples?: number;
}

export function holds({ unit, value, limit }: Figure): boolean {
  if (limit === undefined) return true;
  return isCount(unit) ? value === limit : value <= limit;
}

const isCount = (unit: Figure["unit"]): boolean => unit === "runs" || unit === "writes";

/** The value as a multiple of its baseline. */
export function ratio({ value, baseline }: Figure): number | undefined {
  return baseline === undefined ? undefined : value / baseline;
}

/** How much less the value must become to reach its aim; below zero once it has. */
export function remaining({ value, aim }: Figure): number | undefined {
  return aim === undefined ? undefined : value - aim;
}

/** For machines: as measured, with what follows from it. */
export function figureJson(figures: readonly Figure[]): string {
  const whole = figures.map((figure) => ({
    ...figure,
    ratio: ratio(figure),
    remaining: remaining(figure),
    holds: holds(figure),
  }));
  return JSON.stringify(whole, null, 2);
}

/** The `share` quantile (0.5 is the median) by the nearest-rank method. @throws on no samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("Cannot take a quantile of no samples");
  return value;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** A table for people; `baseline` says what the figures are held against. */
export function figureTable(figures: readonly Figure[], baseline = "bare engine"): string {
  const headings = ["figure", "value", "limit", baseline, "ratio", "remaining", "n", ""];
  return columns([headings, ...figures.map(row)]);
}

/** A figure in few words, for somebody who waits for the table. */
export function figureLine({ name, unit, value }: Figure): string {
  return `${name}: ${shownIn(unit, value)}`;
}

function shownIn(unit: Figure["unit"], value: number | undefined): string {
  if (value === undefined) return "-";
  return `${value.toFixed(isCount(unit) ? 0 : unit === "ms" ? 1 : 2)} ${unit}`;
}

function row(figure: Figure): string[] {
  const { name, unit, value, limit, baseline, aim, samples = 1 } = figure;
  const shown = (number: number | undefined) => shownIn(unit, number);
  const multiple = ratio(figure);
  return [
    name,
    shown(value),
    limit === 0 ? "none" : shown(limit),
    shown(baseline),
    multiple === undefined ? "-" : `${multiple.toFixed(2)} x`,
    aim === undefined ? "-" : `${shown(remaining(figure))} to ${aim} ${unit}`,
    String(samples),
    limit === undefined ? "" : holds(figure) ? "holds" : "MISSED",
  ];
}
