/**
 * Builds one image that replaces those of Postgres, Temporal and HAProxy, so that the test needs no registry.
 * It contains programs of this machine, and scripts at the paths that deploy/compose.yml uses.
 */

import { run } from "../../../tools/cli/run.ts";
import { place, placeSystem } from "../../../tools/build/image_root.ts";

const SCRIPTS = new URL("./stand_ins/", import.meta.url).pathname;
const BIN = "usr/local/bin";
const SHELL = ["/bin/bash", "/bin/cat", "/bin/mkdir", "/bin/sed", "/bin/sleep"];
/** The users of the images of Postgres and Temporal. The programs look up their user name. */
const USERS = "postgres:x:999:999::/tmp:/sbin/nologin\ntemporal:x:1000:1000::/tmp:/sbin/nologin\n";

export interface Programs {
  /** The folder of Postgres' programs. */
  readonly postgres: string;
  readonly haproxy: string;
  /** The Temporal command-line program. */
  readonly temporal: string;
}

/** Builds the image. The caller removes it. */
export async function buildStandInStack(tag: string, programs: Programs): Promise<void> {
  const context = await Deno.makeTempDir({ prefix: "bigeye-image-" });
  try {
    await layOut(`${context}/root`, programs);
    // Postgres finds its files relative to the folder of its programs.
    const path = `/usr/local/bin:/bin:${programs.postgres}`;
    const lines = ["FROM scratch", "COPY root/ /", `ENV PATH=${path}`];
    // A new volume gets the owner of this folder.
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
