/** The labels of the job form's fields. */

import type { DraftField } from "./draft.ts";

export const LABELS: Readonly<Record<DraftField, string>> = {
  name: "Name",
  agent_type: "Agent type",
  host_id: "Host",
  connectors: "Connector types",
  connection_name: "Connection",
  file_name: "File name",
  command: "Command",
  run_limit: "Run limit",
  run_limit_unit: "Run limit",
  every: "Schedule",
  minutes: "Every",
  minute: "Minutes past the hour",
  at: "Time",
  weekdays: "Days",
  cron: "Cron expression",
  time_zone: "Time zone",
  paused: "Paused",
  catch_up_seconds: "Catch-up window",
};
