/** What a Temporal server was asked for, by its own count. */

import { delay } from "../../../tests/harness/scene/wait.ts";
import type { TemporalServer } from "../../../tests/harness/scene/temporal_server.ts";

/**
 * Workers ask for work again and again, whether there is any or not; and a control plane looks after some
 * of its schedules each minute, which the server answers by a query of its own.
 */
const NOT_OF_RUNS = /^(Poll|DescribeSchedule|ListSchedules|RespondQueryTask)/;
/** The server tells its counts once a second. */
const TOLD_EVERY_MS = 1_500;

/** How many requests for runs `work` has led to; resolves once no more come. */
export async function withRequests<T>(
  server: Pick<TemporalServer, "metricsUrl">,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly requests: number }> {
  const before = await settled(server);
  const value = await work();
  return { value, requests: await settled(server) - before };
}

async function settled({ metricsUrl }: Pick<TemporalServer, "metricsUrl">): Promise<number> {
  for (let last = -1;;) {
    const count = requestsIn(await (await fetch(metricsUrl)).text());
    if (count === last) return count;
    last = count;
    await delay(TOLD_EVERY_MS).done;
  }
}

/** From metrics in Prometheus's text format. */
export function requestsIn(metrics: string): number {
  return metrics.split("\n")
    .filter((line) => line.startsWith("service_requests{"))
    .filter((line) => line.includes('service_name="frontend"'))
    .filter((line) => !NOT_OF_RUNS.test(/operation="([^"]*)"/.exec(line)?.[1] ?? ""))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
