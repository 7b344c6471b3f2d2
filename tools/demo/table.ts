/** The demo's closing table: how each run ended, and whether that was expected. */

import { AGENT_TYPE_NAMES } from "../../lib/contract/agent_types.ts";
import { tableLines } from "../../lib/cli/table.ts";
import type { DemoResult, ScenarioResult } from "./scenarios.ts";

const HEADINGS = ["run", "agent type", "status", "reason", "start ms", "duration", ""];

/** Renders the results as text. The last column says whether a run ended as expected. */
export function resultTable({ runs, conflict }: DemoResult): string {
  const table = tableLines(HEADINGS, runs.map(row)).join("\n");
  const messages = runs.filter(({ run }) => run.message !== null).map(({ title, run }) =>
    `${title}:\n${indent(run.message ?? "")}`
  );
  const second = conflict
    ? `second trigger during an active run: ${conflict.message}`
    : "second trigger during an active run: WAS ACCEPTED";
  return [table, second, ...messages].join("\n\n");
}

/** Tells whether every run ended as expected, and the second trigger was refused as a conflict. */
export function isAllExpected({ runs, conflict }: DemoResult): boolean {
  return runs.length === 4 && runs.every(isAsExpected) && conflict?.status === 409;
}

function isAsExpected({ run, expected, startMs, missingLogs }: ScenarioResult): boolean {
  const { status, reason, exitCode, message } = expected;
  const isExplained = message === null ? run.message === null : message.test(run.message ?? "");
  const isExit = exitCode === undefined || run.exit_code === exitCode;
  return run.status === status && run.reason === reason && isExit && isExplained &&
    missingLogs.length === 0 && startMs > 0;
}

function row(line: ScenarioResult): string[] {
  const { title, run, startMs } = line;
  return [
    title,
    AGENT_TYPE_NAMES[run.agent_type],
    run.status,
    run.reason ?? "-",
    startMs.toFixed(0),
    duration(run.started_at, run.ended_at),
    isAsExpected(line) ? "as expected" : `EXPECTED ${expectation(line)}`,
  ];
}

function expectation({ expected, missingLogs }: ScenarioResult): string {
  const { status, exitCode, message } = expected;
  const exit = exitCode === undefined ? "" : `, exit code ${exitCode}`;
  return [`${status}${exit}, message ${message ?? "none"}`, ...missingLogs].join(", log ");
}

function duration(start: string | null, end: string | null): string {
  if (start === null || end === null) return "-";
  return `${((Date.parse(end) - Date.parse(start)) / 1000).toFixed(1)} s`;
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ");
