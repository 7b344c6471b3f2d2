/** Somebody who types `bigeye-agent …` in a folder of their own; there is no Docker but what they put there. */

import { startChild } from "../../harness/scene/child.ts";
import type { Built } from "./acceptance.ts";

/** What a command left: its exit code and both streams. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the program `docker` answers. `works` is enough for the checks that come before anything is changed. */
export type Docker = "works" | "has no engine" | "is not installed";

export interface Operator extends AsyncDisposable {
  readonly folder: string;
  /** All that the program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly program: string;
  /** Runs a command line to its end; there is no terminal. */
  types(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    options?: TypingOptions,
  ): Promise<Said>;
  /** Runs it until `probe` answers true, then sends SIGINT; answers the exit code and all that it wrote. */
  interrupts(
    args: readonly string[],
    options: { readonly env: Record<string, string>; readonly probe: () => Promise<boolean> },
  ): Promise<{ readonly code: number; readonly wrote: string }>;
  write(name: string, text: string): Promise<void>;
}

export interface TypingOptions {
  /** Gives up the rights of root, to whom every file is open; others have none to give up. */
  readonly asNobody?: boolean;
}

const NOBODY = 65534;

/** As Docker 20.10 and Compose 2.26 say it. */
const DOCKER = {
  works: 'case "$1 $2" in "compose version") echo 2.26.1 ;; "info --format") echo 20.10.24 ;; esac',
  "has no engine": `case "$1 $2" in
  "compose version") echo 2.26.1 ;;
  *) echo; echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2
     exit 1 ;;
esac`,
} as const;

/** Opens a fresh folder; it goes with the operator. */
export async function operator({ binaries }: Built, docker: Docker = "works"): Promise<Operator> {
  const root = await Deno.makeTempDir({ prefix: "bigeye-operator-" });
  await Deno.chmod(root, 0o755); // the stack, which runs as another user, must be able to read it
  const folder = `${root}/host`;
  await Deno.mkdir(folder);
  await Deno.mkdir(`${root}/bin`);
  if (docker !== "is not installed") {
    await Deno.writeTextFile(`${root}/bin/docker`, `#!/bin/sh\n${DOCKER[docker]}\n`, {
      mode: 0o755,
    });
  }
  const env = { PATH: `${root}/bin`, HOME: root };
  const program = `${binaries}/bigeye-agent`;
  return {
    folder,
    env,
    program,
    async types(args, more, { asNobody = false } = {}) {
      const dropsRights = asNobody && Deno.uid() === 0;
      // The clone may lie where nobody else can read.
      if (dropsRights) await Deno.copyFile(program, `${root}/bigeye-agent`);
      const { code, stdout, stderr } = await new Deno.Command(
        dropsRights ? `${root}/bigeye-agent` : program,
        {
          ...(dropsRights ? { uid: NOBODY, gid: NOBODY } : {}),
          args: [...args],
          cwd: folder,
          clearEnv: true,
          env: { ...env, ...more },
          stdin: "null",
        },
      ).output();
      const text = new TextDecoder();
      return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
    },
    async interrupts(args, { env: more, probe }) {
      const logFile = `${root}/interrupted.log`;
      const options = { logFile, cwd: folder, env: { ...more, HOME: root } };
      await using child = startChild([program, ...args], options);
      await child.ready(`bigeye-agent ${args.join(" ")}`, probe);
      child.kill("SIGINT");
      return { code: await child.ended, wrote: await Deno.readTextFile(logFile) };
    },
    write: (name, text) => Deno.writeTextFile(`${folder}/${name}`, text),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}
