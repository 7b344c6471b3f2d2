import assert from "node:assert/strict";
import { type Figure, figureJson, figureTable } from "../../../tools/bench/figures.ts";

const FIGURES: readonly Figure[] = [
  { name: "start", unit: "ms", value: 300, limit: 250, baseline: 200, samples: 50 },
  { name: "memory", unit: "MB", value: 85.5, limit: 100, aim: 80 },
];

Deno.test("a figure shows its ratio to the baseline and what remains to its aim", () => {
  assert.deepEqual(figureTable(FIGURES).split("\n").map((line) => line.split(/ {2,}/)), [
    ["figure", "value", "limit", "bare engine", "ratio", "remaining", "n"],
    ["start", "300.0 ms", "250.0 ms", "200.0 ms", "1.50 x", "-", "50", "MISSED"],
    ["memory", "85.50 MB", "100.00 MB", "-", "-", "5.50 MB to 80 MB", "1", "holds"],
  ]);
});

Deno.test("the JSON has the ratio and the remainder", () => {
  assert.deepEqual(JSON.parse(figureJson(FIGURES)), [
    { ...FIGURES[0], ratio: 1.5, holds: false },
    { ...FIGURES[1], remaining: 5.5, holds: true },
  ]);
});

Deno.test("a figure with the limit 0 misses it at one", () => {
  const [lost, torn] = [
    { name: "lost", unit: "runs", value: 0, limit: 0 },
    { name: "torn", unit: "writes", value: 1, limit: 0 },
  ] as const;
  assert.deepEqual(figureTable([lost, torn]).split("\n").map((line) => line.split(/ {2,}/)), [
    ["figure", "value", "limit", "bare engine", "ratio", "remaining", "n"],
    ["lost", "0 runs", "none", "-", "-", "-", "1", "holds"],
    ["torn", "1 writes", "none", "-", "-", "-", "1", "MISSED"],
  ]);
});
