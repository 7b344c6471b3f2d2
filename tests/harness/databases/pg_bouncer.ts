/** A real PgBouncer in front of the tests' Postgres, on a socket in a temporary folder. */

import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { CLUSTER, NOBODY } from "./postgres_cluster.ts";

/** The program; tests that need it are skipped without one. */
export const PGBOUNCER = Deno.env.get("BIGEYE_TEST_PGBOUNCER");

export type PoolMode = "session" | "transaction" | "statement";

/** Part of the socket's name. The folder makes the socket unique. */
const PORT = 6432;

/** Calls `work` with the URL of the database through a PgBouncer. */
export async function behindPgBouncer(
  mode: PoolMode,
  databaseUrl: string,
  work: (url: string) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const config = [
      "[databases]",
      `* = host=${CLUSTER}`,
      "[pgbouncer]",
      "listen_addr =",
      `listen_port = ${PORT}`,
      `unix_socket_dir = ${folder}`,
      "auth_type = trust",
      `auth_file = ${folder}/users`,
      `pool_mode = ${mode}`,
    ];
    await Deno.writeTextFile(`${folder}/users`, `"${new URL(databaseUrl).username}" ""\n`);
    await Deno.writeTextFile(`${folder}/pgbouncer.ini`, `${config.join("\n")}\n`);
    // It refuses to run as root, as Postgres does.
    if (Deno.uid() === 0) await Deno.chown(folder, NOBODY, NOBODY);
    const child = new Deno.Command(PGBOUNCER ?? "pgbouncer", {
      args: [`${folder}/pgbouncer.ini`],
      cwd: folder, // it cannot enter the project's folder if that is below /root
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      ...(Deno.uid() === 0 && { uid: NOBODY, gid: NOBODY }),
    }).spawn();
    const up = Promise.withResolvers<void>();
    let log = "";
    const reading = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
      new WritableStream({
        write(text) {
          log += text;
          if (log.includes("process up")) up.resolve();
        },
      }),
    );
    void child.status.then(() => up.reject(new Error(`PgBouncer: ${log}`)));
    try {
      await up.promise;
      const url = new URL(databaseUrl);
      url.port = String(PORT);
      url.searchParams.set("host", folder);
      await work(url.href);
    } finally {
      child.kill("SIGINT");
      await Promise.all([child.status, reading]);
    }
  });
}
