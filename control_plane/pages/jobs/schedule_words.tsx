/** A job's schedule in words, wherever it is shown. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Job } from "../../../lib/contract/job.ts";
import { scheduleInWords } from "../../../lib/contract/schedules/words.ts";
import { When } from "../frame/times.tsx";

export function ScheduleWords({ job }: { job: Job }): JSX.Element {
  const [next] = job.next_fire_times;
  if (!job.schedule) return <span class="quiet">On demand</span>;
  return (
    <>
      {scheduleInWords(job.schedule)}
      <p class="quiet">
        {job.schedule.paused ? "Paused" : next === undefined ? "Never again" : (
          <>
            Next <When at={next} />
          </>
        )}
      </p>
    </>
  );
}
