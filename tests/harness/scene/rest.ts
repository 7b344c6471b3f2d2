/** Calls the control plane's REST interface as a script does. */

import * as v from "valibot";
import { type Job, JobBodySchema, JobSchema } from "../../../lib/contract/job.ts";
import { API, ErrorBodySchema, ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { ACTIVE_STATUSES, type Run, RunSchema } from "../../../lib/contract/run.ts";
import { waitFor, type WaitOptions } from "../time/wait.ts";

type Timing = Pick<WaitOptions, "timeoutMs" | "intervalMs">;

/** Limit of one call, shorter than that of {@linkcode waitFor}. */
const ANSWER_MS = 30_000;

const KeySchema = v.object({ apiKey: v.string() });

/** An error answer with its documented body. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, body: v.InferOutput<typeof ErrorBodySchema>) {
    super(`${status} ${body.code}: ${body.message}`);
    this.status = status;
    this.code = body.code;
  }
}

export class Rest {
  readonly #base: string;
  readonly #key: string;

  constructor(base: string, key: string) {
    this.#base = base;
    this.#key = key;
  }

  /** Sends JSON and returns JSON. @throws {RestError} on a status of 400 and more; a `TimeoutError` after 30 s. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    return this.#send(method, path, { body, headers });
  }

  async #send(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Readonly<Record<string, string>> },
  ): Promise<unknown> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        authorization: `apikey ${this.#key}`,
        "content-type": "application/json",
        ...headers,
      },
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === "" ? undefined : JSON.parse(text);
    if (response.status >= 400) {
      throw new RestError(response.status, v.parse(ErrorBodySchema, answer));
    }
    return answer;
  }

  async createAgentKey(name: string): Promise<string> {
    const body = { name, description: "", type: "AGENT_API_KEY_TYPE_AGENT" };
    return v.parse(KeySchema, await this.call("POST", `${API}/agent-api-keys`, body)).apiKey;
  }

  /** Creates another key of the same user. */
  async createPersonalKey(name: string): Promise<string> {
    return v.parse(KeySchema, await this.call("POST", `${API}/personal-api-keys`, { name })).apiKey;
  }

  async createJob(body: v.InferInput<typeof JobBodySchema>): Promise<Job> {
    return v.parse(JobSchema, await this.call("POST", `${ORCHESTRATOR_API}/jobs`, body));
  }

  async job(id: string): Promise<Job> {
    return v.parse(JobSchema, await this.call("GET", `${ORCHESTRATOR_API}/jobs/${id}`));
  }

  /** Edits a job; with `ifVersion` only if the job has that version. */
  async editJob(
    id: string,
    patch: Record<string, unknown>,
    { ifVersion }: { readonly ifVersion?: number } = {},
  ): Promise<Job> {
    const headers = { "if-match": ifVersion === undefined ? "*" : `"${ifVersion}"` };
    const path = `${ORCHESTRATOR_API}/jobs/${id}`;
    return v.parse(JobSchema, await this.#send("PATCH", path, { body: patch, headers }));
  }

  async deleteJob(id: string): Promise<void> {
    await this.#send("DELETE", `${ORCHESTRATOR_API}/jobs/${id}`, { headers: { "if-match": "*" } });
  }

  /** Triggers a job. Calls with the same `idempotencyKey` start one run at most. */
  async trigger(
    jobId: string,
    { idempotencyKey }: { readonly idempotencyKey?: string } = {},
  ): Promise<Run> {
    const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    const path = `${ORCHESTRATOR_API}/jobs/${jobId}/runs`;
    return v.parse(RunSchema, await this.#send("POST", path, { headers }));
  }

  async cancel(runId: string): Promise<Run> {
    return v.parse(RunSchema, await this.call("POST", `${ORCHESTRATOR_API}/runs/${runId}/cancel`));
  }

  async run(id: string): Promise<Run> {
    return v.parse(RunSchema, await this.call("GET", `${ORCHESTRATOR_API}/runs/${id}`));
  }

  /** Waits until the run has ended and returns it. Polls every 25 ms; a key may call 100 times a second. */
  ended(
    id: string,
    { timeoutMs = 120_000, intervalMs = 25 }: Timing = {},
  ): Promise<Run> {
    return waitFor(async () => {
      const run = await this.run(id);
      return ACTIVE_STATUSES.some((status) => status === run.status) ? undefined : run;
    }, { what: `run ${id} to end`, timeoutMs, intervalMs });
  }
}
