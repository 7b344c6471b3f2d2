/** Converts a job's schedule to Temporal's options, in the form in which its server returns them, and compares both. */

import type {
  CalendarSpec,
  ScheduleDescription,
  ScheduleOptions,
  ScheduleOptionsStartWorkflowAction,
  ScheduleUpdateOptions,
} from "@temporalio/client";
import type { Workflow } from "@temporalio/common";
import { readCron } from "../../contract/schedules/cron.ts";
import type { FireRule } from "../../contract/schedules/fire_times.ts";
import type { Schedule } from "../../contract/schedules/schedule.ts";
import { PLANE_QUEUE, SCHEDULED_RUN_WORKFLOW, scheduleId } from "../../contract/temporal_names.ts";
import { calendarsOf } from "./calendars.ts";
import { clockCorrections, hourlyInUtc } from "./clock_changes.ts";

type WorkflowAction = ScheduleOptionsStartWorkflowAction<Workflow>;
/** Options that fit both creating and updating. */
export type WantedSchedule =
  & ScheduleOptions<WorkflowAction>
  & ScheduleUpdateOptions<WorkflowAction>;

/**
 * Returns the options to create or update a job's schedule. They depend on `now`, because they include the
 * coming clock changes, and stay the same for months.
 */
export function scheduleOptions(jobId: string, schedule: Schedule, now: Date): WantedSchedule {
  const id = scheduleId(jobId);
  const lateMs = schedule.catch_up_seconds * 1000;
  return {
    scheduleId: id,
    spec: specOf(schedule, now),
    action: {
      type: "startWorkflow",
      workflowType: SCHEDULED_RUN_WORKFLOW,
      workflowId: id,
      taskQueue: PLANE_QUEUE,
      args: [jobId],
      // A run may not start later than this, so a workflow that still waits for the control plane is given up.
      workflowExecutionTimeout: lateMs,
    },
    policies: { overlap: "SKIP", catchupWindow: lateMs },
    state: { paused: schedule.paused },
  };
}

function specOf(rule: FireRule, now: Date): WantedSchedule["spec"] {
  const read = readCron(rule.cron);
  if (!("cron" in read)) return { calendars: [] };
  const hourly = hourlyInUtc(rule, read.cron, now);
  if (hourly) return { calendars: calendarsOf(hourly), timezone: "UTC" };
  const { intervals, skip } = clockCorrections(rule, read.cron, now);
  return {
    calendars: calendarsOf(read.cron),
    timezone: rule.time_zone,
    intervals: [...intervals],
    skip: [...skip],
  };
}

/** Whether the schedule at Temporal does the same as the wanted one. */
export function isAsWanted(known: ScheduleDescription, wanted: WantedSchedule): boolean {
  return JSON.stringify(essence(known)) === JSON.stringify(essence(wanted));
}

/** Lists all that decides when, whether and how a schedule fires. */
function essence({ spec, action, policies, state }: ScheduleDescription | WantedSchedule) {
  return [
    [spec.calendars?.map(essenceOfCalendar), spec.skip?.map(essenceOfCalendar) ?? []],
    spec.intervals?.map(({ every, offset }) => [every, offset]) ?? [],
    [spec.timezone, spec.startAt ?? null, spec.endAt ?? null, spec.jitter ?? 0],
    [action.workflowType, action.workflowId, action.taskQueue, action.args],
    [action.workflowExecutionTimeout, action.workflowRunTimeout ?? null],
    [policies?.overlap, policies?.catchupWindow, policies?.pauseOnFailure ?? false],
    [state?.paused ?? false, state?.remainingActions ?? null],
  ];
}

function essenceOfCalendar(calendar: CalendarSpec) {
  const { second, minute, hour, dayOfMonth, month, year = [], dayOfWeek } = calendar;
  return [second, minute, hour, dayOfMonth, month, year, dayOfWeek];
}
