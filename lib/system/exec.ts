/** The port of child processes, and its variant for an operator's command, which Ctrl-C interrupts. */

import { Interrupted } from "../async/abort.ts";
import type { Exec, ExecOptions } from "../ports.ts";

/** A shell's exit code for a missing program. */
const NOT_FOUND = 127;

export const systemExec: Exec = {
  async run(argv, options) {
    const output = await start(argv, options, "piped");
    if (!output) return { code: NOT_FOUND, stdout: "", stderr: `${argv[0]}: command not found` };
    const text = new TextDecoder();
    return {
      code: output.code,
      stdout: text.decode(output.stdout),
      stderr: text.decode(output.stderr),
    };
  },
  async attach(argv, options) {
    const status = await start(argv, options, "inherit");
    return status?.code ?? NOT_FOUND;
  },
};

/** 128 plus the number of SIGINT; children that handle the signal end with it as well. */
const BY_SIGINT = 130;

/**
 * The same port for an operator's command. At a terminal Ctrl-C also reaches the children, and the end of
 * one by SIGINT may be noticed before this process's own signal: it throws {@linkcode Interrupted}.
 */
export function interruptibleExec(exec: Exec): Exec {
  const refuseInterrupted = (code: number) => {
    if (code === BY_SIGINT) throw new Interrupted("SIGINT");
  };
  return {
    async run(argv, options) {
      const result = await exec.run(argv, options);
      refuseInterrupted(result.code);
      return result;
    },
    async attach(argv, options) {
      const code = await exec.attach(argv, options);
      refuseInterrupted(code);
      return code;
    },
  };
}

/**
 * The words before the command line of a child that is to be killed with its parent. If the parent has
 * ended before the kernel was told so, the child does not start.
 */
export const dyingWith = (parent: number): readonly string[] => [
  ...["setpriv", "--pdeathsig", "KILL"],
  ...["sh", "-c", '[ "$PPID" = "$0" ] && exec setsid "$@"', String(parent)],
];

/** Runs a child to its end; `undefined` when there is no such program. */
async function start(
  argv: readonly string[],
  options: ExecOptions | undefined,
  streams: "piped" | "inherit",
): Promise<Deno.CommandOutput | undefined> {
  options?.signal?.throwIfAborted();
  const [program = "", ...args] = options?.diesWithUs ? [...dyingWith(Deno.pid), ...argv] : argv;
  const command = new Deno.Command(program, {
    args,
    stdin: streams === "inherit" ? "inherit" : "null",
    stdout: streams,
    stderr: streams,
    ...(options?.cwd === undefined ? {} : { cwd: options.cwd }),
    clearEnv: true,
    env: { ...inherited(options?.without), ...options?.env },
  });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  let killing: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    end(child, "SIGTERM");
    if (options?.graceMs === undefined) return;
    killing = setTimeout(() => end(child, "SIGKILL"), options.graceMs);
  };
  options?.signal?.addEventListener("abort", stop, { once: true });
  try {
    const output = await ended(child, streams, options?.onLine);
    options?.signal?.throwIfAborted();
    return output;
  } finally {
    clearTimeout(killing);
    options?.signal?.removeEventListener("abort", stop);
  }
}

/** Leaves out the variables of the dynamic linker: with them Deno refuses to start children unless it may start all. */
function inherited(without: readonly string[] | RegExp = []): Record<string, string> {
  const isLeftOut = (name: string) =>
    without instanceof RegExp ? without.test(name) : without.includes(name);
  const all = Object.entries(Deno.env.toObject());
  return Object.fromEntries(
    all.filter(([name]) => !isLeftOut(name) && !/^(LD|DYLD)_/.test(name)),
  );
}

async function ended(
  child: Deno.ChildProcess,
  streams: "piped" | "inherit",
  onLine: ((line: string) => void) | undefined,
): Promise<Deno.CommandOutput> {
  if (streams === "piped" && !onLine) return await child.output();
  // `output()` refuses inherited streams, which it cannot read.
  const read = streams === "inherit" || !onLine
    ? []
    : [eachLine(child.stdout, onLine), eachLine(child.stderr, onLine)];
  await Promise.all(read);
  const none = new Uint8Array();
  return { ...await child.status, stdout: none, stderr: none };
}

/** Bounds the memory that a child can take by never ending a line. */
const LONGEST_LINE = 65_536;

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
    if (rest.length < LONGEST_LINE) continue;
    onLine(rest);
    rest = "";
  }
  if (rest !== "") onLine(rest);
}

function end(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
