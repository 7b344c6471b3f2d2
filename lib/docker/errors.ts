/** Reads what the Engine, or the proxy before it, means by a status that is not success. */

import * as v from "valibot";
import type { Problem } from "../problems/problem.ts";
import * as problems from "../problems/docker.ts";

const ErrorSchema = v.object({ message: v.string() });

/** The daemon signs its answers with this header; the proxy's own refusals lack it. */
const DAEMON_HEADER = "Api-Version";

/** Longest engine text that is kept: it ends up in a message of 4,096 bytes. */
const LONGEST_ANSWER = 1_000;

export type EngineTrouble =
  | "docker_unavailable"
  | "docker_denied"
  | "docker_not_found"
  | "docker_conflict"
  | "docker_refused"
  | "docker_too_new";

/** Whether something thrown by the engine client is of this kind. */
export function isTrouble(thrown: unknown, code: EngineTrouble): thrown is Problem {
  return thrown instanceof Error && "code" in thrown && thrown.code === code;
}

/** The failure behind a status of 400 or more; `text` is the whole body of the answer. */
export function problemOf(response: Response, { doing, text }: Attempted): Problem {
  const fromDaemon = response.headers.has(DAEMON_HEADER);
  const answer = answerOf(text) || `status ${response.status}`;
  if (response.status === 403 && !fromDaemon) return problems.engineDenied(doing);
  if (response.status >= 500 && !(fromDaemon && response.status === 500)) {
    return problems.engineUnavailable(doing, answer);
  }
  if (response.status === 404) return problems.engineNotFound(doing, answer);
  if (response.status === 409) return problems.engineConflict(doing, answer);
  return problems.engineRefused(doing, answer);
}

interface Attempted {
  readonly doing: string;
  readonly text: string;
}

function answerOf(text: string): string {
  try {
    const body = v.safeParse(ErrorSchema, JSON.parse(text));
    if (body.success) return body.output.message.trim().slice(0, LONGEST_ANSWER);
  } catch {
    // Not JSON: a proxy's page, of which the status says enough.
  }
  return "";
}
