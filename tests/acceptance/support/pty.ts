/** Runs the program in a pseudo-terminal of `script` (util-linux). */

import { waitFor } from "../../harness/time/wait.ts";
import type { Operator } from "./operator.ts";

export interface Pty extends AsyncDisposable {
  /** Waits until new output contains `text`, then types `keys`. */
  on(text: string, keys: string): Promise<void>;
  /** Waits for the end. Returns the exit code, and the terminal's settings afterwards as `stty -a` prints them. */
  left(): Promise<{ readonly code: number; readonly stty: string; readonly screen: string }>;
}

export const ENTER = "\r";
export const ESC = "\x1b";
export const CTRL_C = "\x03";

/** Returns why this machine cannot open a session; empty if it can. */
export function missingPty(): string {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => exists(`${folder}/script`))
    ? ""
    : "util-linux's script is absent";
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Starts `bigeye-agent …` in a shell on a terminal of 100 columns. */
export function openPty(
  { program, folder, env }: Pick<Operator, "program" | "folder" | "env">,
  args: string,
): Pty {
  const line =
    `trap : INT; stty cols 100 rows 40; '${program}' ${args}; echo "left with $?"; stty -a; echo END`;
  const child = new Deno.Command("script", {
    args: ["--quiet", "--command", line, "/dev/null"],
    cwd: folder,
    clearEnv: true,
    env: { ...env, PATH: `${env["PATH"]}:/usr/bin:/bin`, TERM: "xterm", SHELL: "/bin/sh" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let screen = "";
  let seen = 0;
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) screen += text;
  })();
  const shows = (text: string) =>
    waitFor(() => {
      const at = screen.indexOf(text, seen);
      if (at < 0) return Promise.resolve(undefined);
      seen = at + text.length;
      return Promise.resolve(seen);
    }, { what: `"${text}" on the screen`, intervalMs: 20, explain: () => Promise.resolve(screen) });
  return {
    async on(text, keys) {
      await shows(text);
      await keyboard.write(new TextEncoder().encode(keys));
    },
    async left() {
      await shows("left with ");
      const from = seen;
      await shows("END");
      const [code = "", ...settings] = screen.slice(from, seen).split("\n");
      return { code: Number(code), stty: settings.join(" "), screen };
    },
    async [Symbol.asyncDispose]() {
      await keyboard.close().catch(() => {}); // it is closed already if the session has ended
      try {
        child.kill("SIGTERM");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the session has ended
      }
      await Promise.all([child.status, reading]);
    },
  };
}
