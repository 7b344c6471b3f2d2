/**
 * What stands in for the images of Postgres, Temporal and HAProxy where no registry is reached: one image
 * of this machine's own programs, with scripts in place of theirs at the paths that ours call.
 */

import { run } from "../../../tools/cli/run.ts";
import { place, placeSystem } from "../../../tools/build/image_root.ts";

const SCRIPTS = new URL("../stand_ins/", import.meta.url).pathname;
const BIN = "usr/local/bin";
const SHELL = ["/bin/bash", "/bin/cat", "/bin/mkdir", "/bin/sed", "/bin/sleep"];
/** Of the images of Postgres and of Temporal, whose programs ask who they are. */
const USERS = "postgres:x:999:999::/tmp:/sbin/nologin\ntemporal:x:1000:1000::/tmp:/sbin/nologin\n";

export interface Programs {
  /** The folder of Postgres' programs. */
  readonly postgres: string;
  readonly haproxy: string;
  /** The Temporal command-line program. */
  readonly temporal: string;
}

/** Builds the image; the caller removes it. */
export async function buildStandInStack(tag: string, programs: Programs): Promise<void> {
  const context = await Deno.makeTempDir({ prefix: "bigeye-image-" });
  try {
    await layOut(`${context}/root`, programs);
    // Postgres looks for its files from where its programs are.
    const path = `/usr/local/bin:/bin:${programs.postgres}`;
    const lines = ["FROM scratch", "COPY root/ /", `ENV PATH=${path}`];
    // Fresh volumes are as these folders are.
    lines.push("COPY --chown=999:999 data/ /var/lib/postgresql/data/");
    await Deno.mkdir(`${context}/data`);
    await Deno.writeTextFile(`${context}/Dockerfile`, `${lines.join("\n")}\n`);
    await run(["docker", "build", "--quiet", "--tag", tag, context]);
  } finally {
    await Deno.remove(context, { recursive: true });
  }
}

async function layOut(root: string, { postgres, haproxy, temporal }: Programs): Promise<void> {
  const servers = { haproxy: await found(haproxy), temporal: await found(temporal) };
  const tools = ["initdb", "pg_isready", "postgres", "psql"].map((name) => `${postgres}/${name}`);
  await place(root, {
    ...Object.fromEntries([...SHELL, ...tools].map((path) => [path.slice(1), path])),
    ...Object.fromEntries(Object.entries(servers).map(([name, path]) => [`${BIN}/${name}`, path])),
    "etc/temporal/entrypoint.sh": `${SCRIPTS}/temporal.sh`,
    ...Object.fromEntries(
      ["docker-entrypoint.sh", "nc", "temporal-sql-tool", "wget"]
        .map((name) => [`${BIN}/${name}`, `${SCRIPTS}/${name}`]),
    ),
  });
  const modules = await folderOf(postgres, "--pkglibdir");
  for (const folder of [modules, await folderOf(postgres, "--sharedir")]) {
    await Deno.mkdir(`${root}${folder}`, { recursive: true });
    await run(["cp", "-rL", `${folder}/.`, `${root}${folder}`]);
  }
  await placeSystem(root, [...SHELL, ...tools, ...Object.values(servers), `${modules}/plpgsql.so`]);
  await Deno.writeTextFile(`${root}/etc/passwd`, USERS, { append: true });
  await Deno.symlink("bash", `${root}/bin/sh`);
}

async function folderOf(postgres: string, option: string): Promise<string> {
  return (await run([`${postgres}/pg_config`, option])).trim();
}

async function found(program: string): Promise<string> {
  return (await run(["sh", "-c", 'command -v "$1"', "sh", program])).trim();
}
