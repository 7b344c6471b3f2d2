/** An operator's host in memory, with the real control plane as its Bigeye. */

import { runCli } from "../../lib/cli/application.ts";
import type { Question } from "../../lib/cli/ask.ts";
import type { Tools } from "../../commands/context.ts";
import { routes } from "../../commands/mod.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { explainedFiles } from "../../lib/system/explained_files.ts";
import { interruptibleExec } from "../../lib/system/exec.ts";
import type { Clock } from "../../lib/ports.ts";
import type { ManualClock } from "../fakes/system/clock.ts";
import { type FakeDocker, fakeDocker } from "../fakes/docker/cli.ts";
import { COMPANY } from "../fakes/keys/key_pairs.ts";
import { type OwnedFiles, ownedFiles } from "../fakes/system/owned_files.ts";
import { ORCHESTRATOR, type TestPlane, testPlane } from "../fakes/control_plane/plane.ts";
import { capturedTerminal } from "../fakes/cli/terminal.ts";

export const FOLDER = "/srv/bigeye";

export interface Ended {
  readonly code: number;
  readonly said: readonly string[];
  readonly noted: readonly string[];
}

export interface World extends AsyncDisposable {
  readonly plane: TestPlane;
  readonly files: OwnedFiles;
  readonly docker: FakeDocker;
  /** Every REST call, as `METHOD path`. */
  readonly calls: readonly string[];
  run(line: string, options?: RunOptions): Promise<Ended>;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The answers to the questions, in their order. Without them there is no terminal. */
  readonly answers?: readonly string[];
  readonly onQuestion?: (message: string) => void;
  /** The signal that Ctrl-C aborts. */
  readonly stop?: AbortSignal;
}

export interface WorldOptions {
  readonly texts?: Readonly<Record<string, string | Uint8Array>>;
  readonly uid?: number;
  readonly plane?: TestPlane;
  /** Answers instead of the plane, and sees no heartbeats. */
  readonly bigeye?: (request: Request) => Promise<Response>;
  /** Called before every effect. An error that it throws fails the effect. */
  readonly before?: (effect: string) => void;
  /** Called after the effect of each REST call. An error that it throws is a lost response. */
  readonly after?: (call: string) => void;
}

export async function makeWorld(
  { texts = {}, uid = 1000, plane: shared, bigeye, before = () => {}, after = () => {} }:
    WorldOptions = {},
): Promise<World> {
  const plane = shared ?? await testPlane();
  const owner = { uid, gid: uid };
  const files = ownedFiles({ "/var/run/docker.sock": "", [`${FOLDER}/.keep`]: "", ...texts }, {
    owner,
    before: (operation, path) => before(`${operation} ${path}`),
  });
  const docker = fakeDocker({
    onUp: () => bigeye ? Promise.resolve() : heartbeat(files, plane),
    before,
  });
  const calls: string[] = [];

  const network = () => async (request: Request): Promise<Response> => {
    const { hostname, pathname } = new URL(request.url);
    calls.push(`${request.method} ${pathname}`);
    before(`${request.method} ${pathname}`);
    if (hostname !== "bigeye.test") throw new TypeError(`dns error: no such host "${hostname}"`);
    const answer = await (bigeye ?? plane.fetch)(request);
    after(`${request.method} ${pathname}`);
    return answer;
  };

  const run = async (line: string, options: RunOptions = {}) => {
    const { input = "", env = {}, answers, stop = new AbortController().signal } = options;
    const terminal = capturedTerminal({ input, interactive: answers !== undefined });
    const pending = [...answers ?? []];
    const answer = ({ message }: Question) => {
      options.onQuestion?.(message);
      return Promise.resolve(pending.shift() ?? "");
    };
    const tools: Tools = {
      folder: FOLDER,
      stop,
      terminal,
      ask: { line: answer, secret: answer },
      clock: impatient(plane.clock),
      env: (name) => env[name] || undefined,
      exec: interruptibleExec(docker),
      files: explainedFiles(files),
      identity: owner,
      lockFile: () => Promise.resolve({ [Symbol.dispose]: () => {} }),
      newKeyPair: () => Promise.resolve(COMPANY),
      log: () => {},
      serveHttp: () => Promise.resolve(),
      releaseMemory: () => {},
      uptime: () => 0,
      network,
      engineAt: network,
      direct: network,
    };
    const program = { name: "bigeye-agent", version: "0.1.0", routes };
    const code = await runCli(program, line.split(" ").slice(1), tools);
    return { code, said: terminal.said, noted: terminal.noted };
  };
  return {
    plane,
    files,
    docker,
    calls,
    run,
    [Symbol.asyncDispose]: () => shared ? Promise.resolve() : plane[Symbol.asyncDispose](),
  };
}

/** Returns a clock whose pauses end at once. */
function impatient(clock: ManualClock): Clock {
  return {
    ...clock,
    sleep: (ms, signal) => {
      const slept = clock.sleep(ms, signal);
      clock.advance(ms);
      return slept;
    },
  };
}

/** Sends the first heartbeat of the orchestrator, with the files on the host. */
async function heartbeat(files: OwnedFiles, plane: TestPlane): Promise<void> {
  const read = async (path: string) => (await files.readText(`${FOLDER}/${path}`) ?? "").trim();
  const { orchestrator } = parseConfig(await read("bigeye_agent.yml"), "bigeye_agent.yml");
  plane.clock.advance(1_000);
  const { status } = await plane.call(
    "POST",
    `${ORCHESTRATOR}/heartbeat`,
    {
      as: "none",
      headers: {
        authorization: `apikey ${await read("agent_config/agent_api_key")}`,
        "X-Bigeye-Agent-Installation": await read(".bigeye/installation"),
      },
      body: { hostId: orchestrator.host_id, orchestratorVersion: "0.1.0" },
    },
  );
  if (status >= 300) throw new Error(`the response to the heartbeat is ${status}`);
}
