/** Runs child processes for the tools, without a shell. */

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this many milliseconds the child is killed. */
  readonly timeoutMs?: number;
}

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and captures its output. A missing program has exit code 127, as in a shell. */
export async function capture(
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Captured> {
  try {
    const { code, stdout, stderr } = await command(argv, options, "piped").output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { code: 127, stdout: "", stderr: `"${argv[0]}" is not installed` };
  }
}

/** Runs a program and returns its stdout. @throws with the end of its output when it fails. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await capture(argv, options);
  if (code === 0) return stdout;
  const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-20).join("\n");
  throw new Error(`Cannot run "${argv.join(" ")}" (exit ${code})\n${tail}`);
}

/** Runs a program whose output the user sees live. Returns the exit code. */
export async function attach(argv: readonly string[], options: RunOptions = {}): Promise<number> {
  const { code } = await command(argv, options, "inherit").output();
  return code;
}

function command(
  [program = "", ...args]: readonly string[],
  { cwd, env, timeoutMs }: RunOptions,
  streams: "piped" | "inherit",
): Deno.Command {
  return new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: streams,
    stderr: streams,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
  });
}
