/** The figures of a bench: their limits, their table, and the steps that measure them. */

import { tableLines } from "../../lib/cli/table.ts";
import { step, tell } from "../cli/steps.ts";
import { withSteal } from "./proc.ts";

export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "s" | "kB" | "MB" | "%" | "x" | "runs" | "writes" | "requests";
  readonly value: number;
  /** The most that is allowed; for runs and writes the exact number. Without one the figure only informs. */
  readonly limit?: number;
  /** A goal below the limit. The table shows what remains to it. */
  readonly aim?: number;
  /** The same work by something bare in the same run, in the same unit; the median of several samples. */
  readonly baseline?: number;
  /** How many samples the value rests on; default 1. */
  readonly samples?: number;
}

export function holds({ unit, value, limit }: Figure): boolean {
  if (limit === undefined) return true;
  return isCount(unit) ? value === limit : value <= limit;
}

const isCount = (unit: Figure["unit"]): boolean => unit === "runs" || unit === "writes";

/** Computes the value as a multiple of its baseline. */
export function ratio({ value, baseline }: Figure): number | undefined {
  return baseline === undefined ? undefined : value / baseline;
}

/** Computes what remains to the aim; negative when the aim is reached. */
export function remaining({ value, aim }: Figure): number | undefined {
  return aim === undefined ? undefined : value - aim;
}

/** Renders the figures as JSON, with ratio, remainder and verdict. */
export function figureJson(figures: readonly Figure[]): string {
  const whole = figures.map((figure) => ({
    ...figure,
    ratio: ratio(figure),
    remaining: remaining(figure),
    holds: holds(figure),
  }));
  return JSON.stringify(whole, null, 2);
}

/** Computes the `share` quantile (0.5 is the median) by the nearest-rank method. @throws on no samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("Cannot take a quantile of no samples");
  return value;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** Renders a table for people; `baseline` is the heading of the baselines' column. */
export function figureTable(figures: readonly Figure[], baseline = "bare engine"): string {
  const headings = ["figure", "value", "limit", baseline, "ratio", "remaining", "n", ""];
  return tableLines(headings, figures.map(row)).join("\n");
}

function row(figure: Figure): string[] {
  const { name, unit, value, limit, baseline, aim, samples = 1 } = figure;
  const shown = (number: number | undefined) => withUnit(unit, number);
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

function withUnit(unit: Figure["unit"], value: number | undefined): string {
  if (value === undefined) return "-";
  return `${value.toFixed(isCount(unit) ? 0 : unit === "ms" ? 1 : 2)} ${unit}`;
}

/**
 * Runs one step and shows its figures at once, because a bench takes minutes and may fail late. On a
 * virtual machine it also shows how much processor time other machines took meanwhile.
 */
export async function measured(
  what: string,
  work: () => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const { value: figures, stolen } = await withSteal(() => step(what, work));
  for (const { name, unit, value } of figures) tell(`         ${name}: ${withUnit(unit, value)}`);
  if (stolen >= 0.01) {
    tell(`         other machines took ${(stolen * 100).toFixed(0)} % of the processor time`);
  }
  return figures;
}
