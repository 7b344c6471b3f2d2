/** Runs `bigeye-agent …` in a new folder, with a script in place of Docker. */

import { startChild } from "../../harness/scene/child.ts";
import type { Built } from "./acceptance.ts";

/** The exit code and the output of a command. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the script `docker` behaves. `works` is enough for the checks before anything is changed. */
export type Docker = "works" | "has no engine" | "is not installed";

export interface Operator extends AsyncDisposable {
  readonly folder: string;
  /** The complete environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly program: string;
  /** Runs a command to its end, without a terminal. */
  run(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    options?: RunOptions,
  ): Promise<Output>;
  /** Runs a command until `probe` returns true, then sends SIGINT. Returns the exit code and the output. */
  interrupt(
    args: readonly string[],
    options: { readonly env: Record<string, string>; readonly probe: () => Promise<boolean> },
  ): Promise<{ readonly code: number; readonly wrote: string }>;
  write(name: string, text: string): Promise<void>;
}

export interface RunOptions {
  /** Whether root runs the command as another user, because root may open every file. */
  readonly dropRoot?: boolean;
}

const NOBODY = 65534;

/** Scripts that print what Docker 20.10 and Compose 2.26 print. */
const DOCKER = {
  works: 'case "$1 $2" in "compose version") echo 2.26.1 ;; "info --format") echo 20.10.24 ;; esac',
  "has no engine": `case "$1 $2" in
  "compose version") echo 2.26.1 ;;
  *) echo; echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2
     exit 1 ;;
esac`,
} as const;

/** Creates the folder. Disposing removes it. */
export async function operator({ binaries }: Built, docker: Docker = "works"): Promise<Operator> {
  const root = await Deno.makeTempDir({ prefix: "bigeye-operator-" });
  await Deno.chmod(root, 0o755); // the stack runs as another user and must be able to read it
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
    async run(args, more, { dropRoot = false } = {}) {
      const dropsRights = dropRoot && Deno.uid() === 0;
      // Other users may not be able to read the folder of the project.
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
    async interrupt(args, { env: more, probe }) {
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
