/** The `docker` commands that `bigeye-agent` runs, for a stack that starts, is listed and stops. */

import type { Exec, ExecOptions, ExecResult } from "../../../lib/ports.ts";

export interface FakeDocker extends Exec {
  /** All command lines in order, with `docker compose -p … -f …` shortened to `compose`. */
  readonly ran: readonly string[];
  /** Sets the result of command lines that begin with `start`. */
  answer(start: string, result: Partial<ExecResult>): void;
}

export interface FakeDockerOptions {
  /** Called when the stack starts, in place of the orchestrator. */
  readonly onUp?: () => Promise<void>;
  /** Called before each command. An error that it throws fails the command. */
  readonly before?: (command: string) => void;
}

const SERVICES = ["bigeye-agent-orchestrator", "docker-socket-proxy"];

export function fakeDocker(
  { onUp = () => Promise.resolve(), before = () => {} }: FakeDockerOptions = {},
): FakeDocker {
  const ran: string[] = [];
  const prepared = new Map<string, Partial<ExecResult>>();
  let isUp = false;

  const table: readonly (readonly [RegExp, () => string | Promise<string>])[] = [
    [/^docker compose version --short$/, () => "2.26.1\n"],
    [/^docker info --format /, () => "20.10.24\n"],
    [/^docker pull /, () => ""],
    [/^docker ps --quiet /, () => ""],
    [/^compose up --detach/, async () => {
      isUp = true;
      await onUp();
      return "";
    }],
    [/^compose ps --all --format json$/, () => isUp ? listing() : ""],
    [/^compose (stop|down)$/, () => {
      isUp = false;
      return "";
    }],
    [/^compose logs\b/, () => "\x1b[2Kbigeye-agent-orchestrator  | a line\n"],
  ];

  async function run(argv: readonly string[], options?: ExecOptions): Promise<ExecResult> {
    options?.signal?.throwIfAborted();
    const command = short(argv);
    ran.push(command);
    before(command);
    for (const [start, result] of prepared) {
      if (!command.startsWith(start)) continue;
      return { code: 0, stdout: "", stderr: "", ...result };
    }
    const known = table.find(([pattern]) => pattern.test(command));
    if (!known) throw new Error(`the fake docker does not know: ${command}`);
    return { code: 0, stdout: await known[1](), stderr: "" };
  }

  return {
    ran,
    answer: (start, result) => void prepared.set(start, result),
    run,
    attach: async (argv, options) => (await run(argv, options)).code,
  };
}

function short(argv: readonly string[]): string {
  const [docker, compose, p, , f, , ...rest] = argv;
  const isBound = docker === "docker" && compose === "compose" && p === "-p" && f === "-f";
  return isBound ? ["compose", ...rest].join(" ") : argv.join(" ");
}

const listing = (): string =>
  SERVICES.map((Service) =>
    JSON.stringify({
      Service,
      State: "running",
      Health: "healthy",
      Image: "i",
      Status: "Up 1 second (healthy)",
    })
  ).join("\n");
