/** The demo's closing table: what each run did, and whether it is what it must be. */

import { AGENT_TYPE_NAMES } from "../../lib/contract/agent_types.ts";
import { tableLines } from "../../lib/cli/table.ts";
import type { Story, Told } from "./story.ts";

const HEADINGS = ["run", "agent type", "status", "reason", "start ms", "duration", ""];

/** Renders the story as text; the last column says whether a line is what it must be. */
export function storyTable({ runs, conflict }: Story): string {
  const table = tableLines(HEADINGS, runs.map(row)).join("\n");
  const messages = runs.filter(({ run }) => run.message !== null).map(({ title, run }) =>
    `${title}:\n${indent(run.message ?? "")}`
  );
  const second = conflict
    ? `second trigger during an active run: ${conflict.message}`
    : "second trigger during an active run: WAS ACCEPTED";
  return [table, second, ...messages].join("\n\n");
}

/** Whether every run ended as it must, and the second trigger was refused as a conflict. */
export function isTrue({ runs, conflict }: Story): boolean {
  return runs.length === 4 && runs.every(isAsExpected) && conflict?.status === 409;
}

function isAsExpected({ run, expected, startMs, missingLogs }: Told): boolean {
  const { status, reason, exitCode, message } = expected;
  const isExplained = message === null ? run.message === null : message.test(run.message ?? "");
  const isExit = exitCode === undefined || run.exit_code === exitCode;
  return run.status === status && run.reason === reason && isExit && isExplained &&
    missingLogs.length === 0 && startMs > 0;
}

function row(line: Told): string[] {
  const { title, run, startMs } = line;
  return [
    title,
    AGENT_TYPE_NAMES[run.agent_type],
    run.status,
    run.reason ?? "-",
    startMs.toFixed(0),
    duration(run.started_at, run.ended_at),
    isAsExpected(line) ? "as it must be" : `WANTED ${wanted(line)}`,
  ];
}

function wanted({ expected, missingLogs }: Told): string {
  const { status, exitCode, message } = expected;
  const exit = exitCode === undefined ? "" : `, exit code ${exitCode}`;
  return [`${status}${exit}, message ${message ?? "none"}`, ...missingLogs].join(", log ");
}

function duration(start: string | null, end: string | null): string {
  if (start === null || end === null) return "-";
  return `${((Date.parse(end) - Date.parse(start)) / 1000).toFixed(1)} s`;
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ");
