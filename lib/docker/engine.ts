/** A client of the few Engine API calls that the socket proxy allows. */

import type * as v from "valibot";
import * as problems from "../problems/docker.ts";
import * as answers from "./answers.ts";
import { chunksOf, type LogLine, logLines } from "./streams.ts";
import { isTrouble } from "./answers.ts";
import { EngineHttp, type EngineNeeds, parsed } from "./http.ts";
import { pullImage, type PullOptions } from "./pull.ts";

export type { EngineNeeds } from "./http.ts";
export type { Container } from "./answers.ts";

/**
 * A client of one engine. Its methods throw the Problems of `lib/problems/docker.ts`, and on abort the
 * signal's reason.
 */
export class Engine {
  readonly #http: EngineHttp;

  constructor(needs: EngineNeeds) {
    this.#http = new EngineHttp(needs);
  }

  async version(signal?: AbortSignal): Promise<v.InferOutput<typeof answers.VersionSchema>> {
    return await this.#http.version(signal);
  }

  /** Whether the engine has `docker-init`, so that a container may set `Init`. */
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

  /**
   * Pulls one tag or digest.
   * @throws `image_auth`, `image_missing`, `rate_limited`, `disk_pressure`
   */
  async pullImage(reference: string, options?: PullOptions): Promise<void> {
    await pullImage(this.#http, reference, options);
  }

  /**
   * Creates a container and returns its id.
   * @throws `docker_conflict` if the name is taken
   */
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

  /** Starts a container; does nothing if it is running. */
  async startContainer(name: string, signal?: AbortSignal): Promise<void> {
    const call = { doing: `start container "${name}"`, signal };
    await this.#http.ask(`POST /containers/${name}/start`, call);
  }

  /** Returns the container of a name or id, or `undefined` if there is none. */
  async inspectContainer(
    name: string,
    signal?: AbortSignal,
  ): Promise<answers.Container | undefined> {
    const doing = `inspect container "${name}"`;
    const answer = this.#http.ask(`GET /containers/${name}/json`, { doing, signal });
    const text = await unlessMissing(answer);
    return text === undefined ? undefined : parsed(answers.ContainerSchema, { text, doing });
  }

  /**
   * Sends a signal to the first process of a container.
   * @throws `docker_conflict` if the container is not running
   */
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

  /**
   * Resolves once a container is not running.
   * @throws `docker_unavailable` if the connection is cut; the state is then unknown
   */
  async waitContainer(name: string, signal?: AbortSignal): Promise<void> {
    const doing = `wait for container "${name}"`;
    const call = { doing, query: { condition: "not-running" }, signal };
    const response = await this.#http.open(`POST /containers/${name}/wait`, call);
    parsed(answers.ExitSchema, { text: await this.#http.text(response, call), doing });
  }

  /** Yields output since a time (RFC 3339, inclusive); with `follow` also all that comes later. */
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

  /** Removes a container, and kills it first if it is running; does nothing if it is missing. */
  async removeContainer(name: string, signal?: AbortSignal): Promise<void> {
    const call = { doing: `remove container "${name}"`, query: { force: "1", v: "1" }, signal };
    await unlessMissing(this.#http.ask(`DELETE /containers/${name}`, call));
  }

  /** Returns every container, running or not, that has this label with this value. */
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

/** Seconds since 1970 with nine decimals, as a text: a number would lose the last digits. */
function unixTime(at: string): string {
  const seconds = Math.floor(Date.parse(at) / 1000);
  const fraction = /\.(\d{1,9})/.exec(at)?.[1] ?? "0";
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}
