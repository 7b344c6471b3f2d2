/** HTTP to the Engine: agrees on an API version, limits the time of a call, and turns failures into Problems. */

import * as v from "valibot";
import { withDeadline } from "../async/timing.ts";
import type { Clock, Fetch } from "../ports.ts";
import { Problem } from "../problems/problem.ts";
import * as problems from "../problems/docker.ts";
import { isTrouble, problemOf, VersionSchema } from "./answers.ts";
import { textOf } from "./streams.ts";

export interface EngineNeeds {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** As in `http://docker-socket-proxy:2375`. `fetch` decides which address it connects to. */
  readonly baseUrl: string;
}

export interface Call {
  /** The call as an infinitive, to follow "Cannot". */
  readonly doing: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

type Target = `${"GET" | "POST" | "DELETE"} /${string}`;

/** The newest API version that this client was written for. */
const OUR_API = "1.47";

/** Limit of a call. It is generous, because start and create write to the disk. */
const CALL_MS = 60_000;

/** Calls one engine. Its methods throw Problems, and on abort the signal's reason. */
export class EngineHttp {
  readonly #needs: EngineNeeds;
  #prefix: string | undefined;

  constructor(needs: EngineNeeds) {
    this.#needs = needs;
  }

  get clock(): Clock {
    return this.#needs.clock;
  }

  async version(signal?: AbortSignal): Promise<v.InferOutput<typeof VersionSchema>> {
    const doing = "read the version of the Docker Engine";
    return parsed(VersionSchema, {
      doing,
      text: await this.#bounded("GET /version", { doing, signal }),
    });
  }

  /** Makes a call with a short answer; returns the answer's text. */
  async ask(target: Target, call: Call): Promise<string> {
    return await this.#bounded(await this.#versioned(target, call.signal), call);
  }

  /** Makes a call with a short answer; returns the parsed answer. */
  async askFor<const S extends Schema>(
    schema: S,
    { target, ...call }: Call & { readonly target: Target },
  ): Promise<v.InferOutput<S>> {
    return parsed(schema, { doing: call.doing, text: await this.ask(target, call) });
  }

  /** Makes a call whose answer has no time limit; resolves once its status and headers are there. */
  async open(target: Target, call: Call): Promise<Response> {
    const response = await this.#send(await this.#versioned(target, call.signal), call);
    if (response.status < 400) return response;
    throw problemOf(response, { doing: call.doing, text: await this.text(response, call) });
  }

  /** Reads the body of an answer, without a time limit. */
  async text(response: Response, call: Call): Promise<string> {
    return await orUnavailable(textOf(response, call.signal), call);
  }

  /** Agrees on the API version through `/version`, because `HEAD /_ping` is not in the allow set. */
  async #versioned(target: Target, signal?: AbortSignal): Promise<Target> {
    if (this.#prefix === undefined) {
      const { ApiVersion, MinAPIVersion = "1.0" } = await this.version(signal);
      if (isOlder(OUR_API, MinAPIVersion)) throw problems.engineTooNew(MinAPIVersion, OUR_API);
      this.#prefix = isOlder(ApiVersion, OUR_API) ? ApiVersion : OUR_API;
    }
    return target.replace(" ", ` /v${this.#prefix}`) as Target;
  }

  async #bounded(target: Target, call: Call): Promise<string> {
    return await withDeadline(
      this.#needs.clock,
      { ms: CALL_MS, signal: call.signal },
      async (signal) => {
        const limited = { ...call, signal };
        const response = await this.#send(target, limited);
        const text = await this.text(response, limited);
        if (response.status >= 400) throw problemOf(response, { doing: call.doing, text });
        return text;
      },
    ).catch((error) => {
      call.signal?.throwIfAborted();
      // The engine may have been replaced by one of another version, so ask for its version again.
      if (isTrouble(error, "docker_unavailable") || isTrouble(error, "docker_refused")) {
        this.#prefix = undefined;
      }
      throw error instanceof Problem ? error : problems.engineUnavailable(call.doing, error);
    });
  }

  async #send(target: Target, { doing, query = {}, body, signal }: Call): Promise<Response> {
    const [method = "GET", path = "/"] = target.split(" ", 2);
    const search = new URLSearchParams(query).toString();
    const request = new Request(
      `${this.#needs.baseUrl}${path}${search === "" ? "" : `?${search}`}`,
      {
        method,
        ...(signal ? { signal } : {}),
        ...(body === undefined ? {} : {
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
        }),
      },
    );
    return await orUnavailable(this.#needs.fetch(request), { doing, signal });
  }
}

type Schema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

/** Turns every failure into `docker_unavailable`, except the caller's own abort. */
async function orUnavailable<T>(answer: Promise<T>, { doing, signal }: Call): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    signal?.throwIfAborted();
    throw problems.engineUnavailable(doing, error);
  }
}

/** Parses an answer. One that does not parse counts as no answer, because it may have been cut off. */
export function parsed<const S extends Schema>(
  schema: S,
  { text, doing }: { readonly text: string; readonly doing: string },
): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (error) {
    throw problems.engineUnavailable(doing, error);
  }
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split(".").map(Number);
  return major === thanMajor ? minor < thanMinor : major < thanMajor;
}
