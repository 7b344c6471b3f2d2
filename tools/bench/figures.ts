/** What the bench prints: one figure a line, with its limit and, where there is one, its baseline. */

import { columns } from "../demo/table.ts";

export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "s" | "MB" | "%" | "x" | "runs";
  readonly value: number;
  /** What it must not exceed, or for "runs" what it must equal; absent for a figure that only informs. */
  readonly limit?: number;
  /** The same done by the bare Engine API in this very run, in the same unit. */
  readonly baseline?: number;
  /** How many samples the value rests on; default 1. */
  readonly samples?: number;
}

export function holds({ unit, value, limit }: Figure): boolean {
  if (limit === undefined) return true;
  return unit === "runs" ? value === limit : value <= limit;
}

/** The `share` quantile (0.5 is the median) by the nearest-rank method. @throws on no samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("Cannot take a quantile of no samples");
  return value;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

const HEADINGS = ["figure", "value", "limit", "bare engine", "ratio", "n", ""];

export function figureTable(figures: readonly Figure[]): string {
  return columns([HEADINGS, ...figures.map(row)]);
}

function row(figure: Figure): string[] {
  const { name, unit, value, limit, baseline, samples = 1 } = figure;
  const shown = (number: number | undefined) =>
    number === undefined
      ? "-"
      : `${number.toFixed(unit === "runs" ? 0 : unit === "ms" ? 1 : 2)} ${unit}`;
  return [
    name,
    shown(value),
    shown(limit),
    shown(baseline),
    baseline === undefined ? "-" : `${(value / baseline).toFixed(2)} x`,
    String(samples),
    limit === undefined ? "" : holds(figure) ? "holds" : "MISSED",
  ];
}
