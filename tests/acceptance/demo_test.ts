/** Neither a complete nor an interrupted `./dev demo` leaves anything behind. */

import assert from "node:assert/strict";
import { ROOT } from "../../tools/cli/paths.ts";
import { type Child, startChild } from "../harness/scene/child.ts";
import { waitFor } from "../harness/time/wait.ts";
import { acceptance } from "./support/acceptance.ts";
import { inDocker, nothingNewIn } from "./support/leftovers.ts";
import { processesWith } from "./support/processes.ts";

/** Time limit of two demos at once on a busy machine. */
const LIMIT_MS = 300_000;

acceptance("two concurrent demos, one of them interrupted, leave nothing behind", async () => {
  const before = await inDocker();
  await using whole = await startDemo();
  await using broken = await startDemo();
  await inFirstRun(broken);
  broken.interrupt();
  await Promise.all([endsWith(130, broken), endsWith(0, whole)]);

  for (const { folder } of [broken, whole]) {
    assert.deepEqual(await processesWith(`TMPDIR=${folder}`, "environ"), []);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), []);
  }
  await nothingNewIn(before);
});

interface Demo extends AsyncDisposable {
  readonly process: Child;
  /** The folder of its temporary files. Its processes are found by this name in their environment. */
  readonly folder: string;
  readonly logFile: string;
  /** Sends SIGINT to the whole process group, as Ctrl-C does. */
  interrupt(): void;
}

async function startDemo(): Promise<Demo> {
  const root = await Deno.makeTempDir();
  const folder = `${root}/tmp`;
  await Deno.mkdir(folder);
  await Deno.chmod(root, 0o755); // the orchestrator runs as another user and must be able to enter
  const logFile = `${root}/demo.log`;
  const process = startChild(["setsid", `${ROOT}/dev`, "demo"], {
    logFile,
    env: { TMPDIR: folder },
  });
  return {
    process,
    folder,
    logFile,
    interrupt: () => Deno.kill(-process.pid, "SIGINT"),
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      await Deno.remove(root, { recursive: true });
    },
  };
}

/** Waits until the container of the first run has started. */
async function inFirstRun({ process, folder }: Demo): Promise<void> {
  const scene = async () => (await names(folder)).find((name) => name.startsWith("bigeye-scene-"));
  await waitFor(async () => {
    const runs = `${folder}/${await scene()}/host/agent_runs`;
    for (const id of (await names(runs)).filter((name) => !name.startsWith("."))) {
      if ((await names(`${runs}/${id}/files`)).includes("first_instruction")) return true;
    }
    return undefined;
  }, { what: `the demo ${process.pid} to be in its first run`, timeoutMs: LIMIT_MS });
}

async function endsWith(expected: number, { process, logFile }: Demo): Promise<void> {
  const log = () => Deno.readTextFile(logFile);
  let code: number | undefined;
  process.ended.then((ended) => code = ended);
  const ended = await waitFor(() => Promise.resolve(code), {
    what: `the demo ${process.pid} to end`,
    timeoutMs: LIMIT_MS,
    explain: log,
  });
  assert.equal(ended, expected, `It ended with ${ended}, not ${expected}:\n${await log()}`);
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
