/** Notices after a successful form, selected by a code in the URL, so that links cannot forge their text. */

export const NOTICES = {
  host_removed: "Host removed. Its runs are kept",
  job_created: "Job created",
  job_changed: "Changes saved. They apply to the next run",
  job_deleted: "Job deleted. Its runs are kept",
  schedule_paused: "Schedule paused",
  schedule_resumed: "Schedule resumed",
  run_queued: "Run queued",
  cancel_asked: "Cancel requested. The run ends once its container has stopped",
  run_canceled: "Run canceled",
  role_changed: "Role changed",
  user_removed: "User removed. All their keys and sessions are revoked",
  key_revoked: "Key revoked. It no longer works",
  signed_out: "Signed out",
} as const;

export type NoticeCode = keyof typeof NOTICES;

export function noticeOf(code: string | null): string | undefined {
  return code !== null && Object.hasOwn(NOTICES, code) ? NOTICES[code as NoticeCode] : undefined;
}
