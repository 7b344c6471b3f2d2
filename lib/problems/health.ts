/** What the health checks of the two services say when they fail. */

import { Problem } from "./problem.ts";

/** `reason` is a status or the text of a failed connection. */
export function unhealthy(service: string, reason: string): Problem {
  return new Problem({
    code: "unhealthy",
    message: `Cannot call ${service} healthy: ${reason}`,
    hint: `Read its log with "bigeye-agent compose logs -s ${service}"`,
    exit: "failed",
  });
}
