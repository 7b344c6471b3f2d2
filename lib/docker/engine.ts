/** The few Engine API calls that the socket proxy lets through; there is no method for any other. */

import type * as v from "valibot";
import * as problems from "../problems/docker.ts";
import * as answers from "./answers.ts";
import { chunksOf } from "./body.ts";
import { isTrouble } from "./errors.ts";
import { EngineHttp, type EngineNeeds, parsed } from "./http.ts";
import { type LogLine, logLines } from "./log_stream.ts";
import { pullImage, type PullOptions } from "./pull.ts";

export type { EngineNeeds } from "./http.ts";
export type { Container } from "./answers.ts";

/**
 * A client of one engine. Every method throws the Problems of `lib/problems/docker.ts`, and the
 * signal's reason when it aborts.
 */
export class Engine {
  readonly #http: EngineHttp;

  constructor(needs: EngineNeeds) {
    this.#http = new EngineHttp(needs);
  }

  async version(signal?: AbortSignal): Promise<v.InferOutput<typeof answers.VersionSchema>> {
    return await this.#http.version(signal);
  }

  /** Whether the engine has its `docker-init`, so that a container may ask for `Init`. */
  async hasInit(signal?: AbortSignal): Promise<boolean> {
    const doing = "read the settings of the Docker Engine";
    const call = { target: "GET /info", doing, signal } as const;
    const { InitBinary, InitCommit } = await this.#http.askFor(answers.InfoSchema, call);
    return InitBinary !== "" && InitCommit.ID !== "N/A";
  }

  async hasImage(reference: string, signal?: AbortSignal): Promise<boolean> {
    const call = { doing: `look for image "${reference}"`, signal };
    const answer = this.#http.ask(`GET /images/${encodeURI(reference)}/json`, call);
    return await unlessMissing(answer) !== undefined;
  }

  /** Pulls one tag or digest; fails with `image_auth`, `image_missing`, `rate_limited`, `disk_pressure`. */
  async pullImage(reference: string, options?: PullOptions): Promise<void> {
    await pullImage(this.#http, reference, options);
  }

  /** Returns the new container's id; a taken name is `docker_conflict`. */
  async createContainer(
    name: string,
    { body, signal }: { readonly body: unknown; readonly signal?: AbortSignal },
  ): Promise<string> {
    const doing = `create container "${name}"`;
    const call = {
      target: "POST /containers/create",
      doing,
      query: { name },
      body,
      signal,
    } as const;
    return (await this.#http.askFor(answers.CreatedSchema, call)).Id;
  }

  /** Starts it; one that runs already is fine. */
  async startContainer(name: string, signal?: AbortSignal): Promise<void> {
    const call = { doing: `start container "${name}"`, signal };
    await this.#http.ask(`POST /containers/${name}/start`, call);
  }

  /** The container of that name or id, or `undefined` where there is none. */
  async inspectContainer(
    name: string,
    signal?: AbortSignal,
  ): Promise<answers.Container | undefined> {
    const doing = `inspect container "${name}"`;
    const answer = this.#http.ask(`GET /containers/${name}/json`, { doing, signal });
    const text = await unlessMissing(answer);
    return text === undefined ? undefined : parsed(answers.ContainerSchema, { text, doing });
  }

  /** Sends a signal to its first process; one that does not run is `docker_conflict`. */
  async killContainer(
    name: string,
    { send, signal }: {
      readonly send: "SIGTERM" | "SIGKILL";
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<void> {
    const call = { doing: `send ${send} to container "${name}"`, query: { signal: send }, signal };
    await this.#http.ask(`POST /containers/${name}/kill`, call);
  }

  /** Resolves once it does not run. A cut connection is `docker_unavailable`: look again. */
  async waitContainer(name: string, signal?: AbortSignal): Promise<void> {
    const doing = `wait for container "${name}"`;
    const call = { doing, query: { condition: "not-running" }, signal };
    const response = await this.#http.open(`POST /containers/${name}/wait`, call);
    parsed(answers.ExitSchema, { text: await this.#http.text(response, call), doing });
  }

  /** Output since a moment (RFC 3339, inclusive); with `follow` also what is still to come. */
  async *logs(
    name: string,
    { since, follow, signal }: {
      readonly since?: string | undefined;
      readonly follow: boolean;
      readonly signal?: AbortSignal;
    },
  ): AsyncGenerator<readonly LogLine[], void> {
    const query = {
      stdout: "1",
      stderr: "1",
      timestamps: "1",
      follow: follow ? "1" : "0",
      ...(since === undefined ? {} : { since: unixTime(since) }),
    };
    const call = { doing: `read the output of container "${name}"`, query, signal };
    const { body } = await this.#http.open(`GET /containers/${name}/logs`, call);
    try {
      yield* logLines(chunksOf(body, signal));
    } catch (error) {
      signal?.throwIfAborted();
      throw problems.engineUnavailable(call.doing, error);
    }
  }

  /** Removes it, killing it first where it runs; one that is not there is fine. */
  async removeContainer(name: string, signal?: AbortSignal): Promise<void> {
    const call = { doing: `remove container "${name}"`, query: { force: "1", v: "1" }, signal };
    await unlessMissing(this.#http.ask(`DELETE /containers/${name}`, call));
  }

  /** Every container, running or not, that carries the label with this value. */
  async listContainers(
    [label, value]: readonly [label: string, value: string],
    signal?: AbortSignal,
  ): Promise<v.InferOutput<typeof answers.ListedSchema>> {
    const query = { all: "1", filters: JSON.stringify({ label: [`${label}=${value}`] }) };
    const doing = "list the containers of this host";
    const call = { target: "GET /containers/json", doing, query, signal } as const;
    return await this.#http.askFor(answers.ListedSchema, call);
  }
}

async function unlessMissing(answer: Promise<string>): Promise<string | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isTrouble(error, "docker_not_found")) return undefined;
    throw error;
  }
}

/** The engine takes seconds with up to nine digits after the point; a number would lose the last of them. */
function unixTime(at: string): string {
  const seconds = Math.floor(Date.parse(at) / 1000);
  const fraction = /\.(\d{1,9})/.exec(at)?.[1] ?? "0";
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}
