/** The routes of jobs; fixed paths come before those with an id. */

import type { Page } from "../page.ts";
import { createJob, newJob } from "./create.tsx";
import { askDelete, deleteJob } from "./delete.tsx";
import { jobDetail } from "./detail.tsx";
import { editJob, updateJob } from "./edit.tsx";
import { jobList } from "./list.tsx";
import { pauseJob, resumeJob } from "./schedule.tsx";
import { runNow } from "./run_now.tsx";

export const JOB_PAGES: readonly Page[] = [
  jobList,
  newJob,
  createJob,
  jobDetail,
  runNow,
  editJob,
  updateJob,
  askDelete,
  deleteJob,
  pauseJob,
  resumeJob,
];
