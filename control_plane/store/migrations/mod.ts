/** The migrations of the schema, in order. A released migration never changes; add a new one instead. */

import type { Migration } from "kysely/migration";
import { accounts } from "./0001_accounts.ts";
import { hostsAndJobs } from "./0002_hosts_and_jobs.ts";
import { runs } from "./0003_runs.ts";
import { jobVersions } from "./0004_job_versions.ts";
import { people } from "./0005_people.ts";
import { sessions } from "./0006_sessions.ts";
import { schedules } from "./0007_schedules.ts";
import { changeNotices } from "./0009_change_notices.ts";
import { hostReports } from "./0010_host_reports.ts";
import { runsByTypeAndStatus } from "./0011_runs_by_type_and_status.ts";
import { scheduleChangeTimes } from "./0012_schedule_change_times.ts";

/**
 * Listed statically, because a compiled binary has no folder to read them from. They run in the order of
 * their names, so a new name must sort last: databases that are past it would refuse one in between.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001_accounts": accounts,
  "0002_hosts_and_jobs": hostsAndJobs,
  "0003_runs": runs,
  "0004_job_versions": jobVersions,
  "0005_people": people,
  "0006_sessions": sessions,
  "0007_schedules": schedules,
  "0009_change_notices": changeNotices,
  "0010_host_reports": hostReports,
  "0011_runs_by_type_and_status": runsByTypeAndStatus,
  "0012_schedule_change_times": scheduleChangeTimes,
};
