/** Real Postgres clusters for tests: one that `./dev test` starts for the whole run, and those of single tests. */

// @ts-types="@types/pg"
import pg from "pg";

/** Folder of initdb, postgres and pg_ctl. */
export const POSTGRES = Deno.env.get("BIGEYE_TEST_POSTGRES");
/** Folder of the shared cluster; tests that need it are skipped without one. */
export const CLUSTER = Deno.env.get("BIGEYE_TEST_POSTGRES_CLUSTER");
export const WITHOUT_CLUSTER = "no Postgres: ./dev test starts one";

const OWNER = "bigeye";
/** The user id of "nobody", because Postgres refuses to run as root. */
export const NOBODY = 65534;
/** The data need not survive a crash of the machine. */
const SETTINGS = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_connections=200",
  "listen_addresses=",
];

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
}

/** Creates a database from a template, empty by default. Disposing drops it and its connections. */
export async function testDatabase(template = "template0"): Promise<TestDatabase> {
  const name = `t${crypto.randomUUID().replaceAll("-", "")}`;
  await inDatabase("postgres", `create database ${name} template ${template}`);
  return {
    name,
    url: databaseUrl(name),
    async [Symbol.asyncDispose]() {
      await inDatabase("postgres", `drop database if exists ${name} with (force)`);
    },
  };
}

/** Runs one statement as the cluster's owner. */
export async function inDatabase(
  database: string,
  text: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrl(database) });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

export function databaseUrl(name: string): string {
  if (CLUSTER === undefined) throw new Error("BIGEYE_TEST_POSTGRES_CLUSTER names no cluster");
  return `postgres://${OWNER}@localhost/${name}?host=${CLUSTER}`;
}

/** Starts a server on a socket in the folder, which is stopped and removed when the process `pid` ends. */
export async function startCluster(
  folder: string,
  settings: readonly string[] = [],
  pid = Deno.pid,
): Promise<void> {
  const data = `${folder}/data`;
  if (Deno.uid() === 0) await Deno.chown(folder, NOBODY, NOBODY);
  const encoding = ["--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync"];
  await postgres("initdb", ["-D", data, "-U", OWNER, ...encoding]);
  const options = [...SETTINGS, `unix_socket_directories=${folder}`, ...settings]
    .map((setting) => `-c ${setting}`).join(" ");
  await postgres("pg_ctl", ["-D", data, "-w", "-l", `${folder}/log`, "-o", options, "start"]);
  const ending = `tail --pid=${pid} -f /dev/null; ${POSTGRES}/pg_ctl -D ${data} -m immediate stop;
    rm -rf ${folder}`;
  await run("setsid", ["--fork", "sh", "-c", `exec >/dev/null 2>&1; ${ending}`]);
}

/** Starts a stopped cluster again with its former settings. */
export function resumeCluster(folder: string): Promise<void> {
  return postgres("pg_ctl", ["-D", `${folder}/data`, "-w", "-l", `${folder}/log`, "restart"]);
}

export function stopCluster(folder: string): Promise<void> {
  return postgres("pg_ctl", ["-D", `${folder}/data`, "-w", "-m", "fast", "stop"]);
}

function postgres(program: string, args: readonly string[]): Promise<void> {
  return run(`${POSTGRES}/${program}`, args);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...(Deno.uid() === 0 && { uid: NOBODY, gid: NOBODY }),
  }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}
