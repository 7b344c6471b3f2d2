/** Tests `./dev watch` on a copy of the source: its sample data, and the restart after a change. */

import assert from "node:assert/strict";
import { ROOT } from "../../tools/cli/paths.ts";
import { run } from "../../tools/cli/run.ts";
import { inFolder } from "../fakes/system/temporary_folder.ts";
import { startChild } from "../harness/scene/child.ts";
import { systemFreePort } from "../../lib/system/network.ts";
import { waitFor } from "../harness/time/wait.ts";

const COPIED = ["control_plane", "lib", "tests", "tools", "deno.lock"];

/** Copies the project, so that the test can change a file. */
async function copySource(folder: string): Promise<void> {
  await run(["cp", "-R", ...COPIED.map((name) => `${ROOT}/${name}`), folder]);
  await Deno.symlink(`${ROOT}/node_modules`, `${folder}/node_modules`);
  const config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  // The copy uses the project's packages, and must not write to their folder.
  const copy = { ...config, nodeModulesDir: "manual" };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(copy));
}

/** Asks again while nothing listens, because Deno may also restart for a file that was just copied. */
function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  const ask = async () => await (await fetch(url, { headers })).text();
  return waitFor(() => ask().catch(() => undefined), { what: url });
}

Deno.test("./dev watch shows runs of every status, and restarts when a page changes", () =>
  inFolder(async (folder) => {
    await copySource(folder);
    const url = `http://127.0.0.1:${systemFreePort()}`;
    const logFile = `${folder}/log`;
    await Deno.writeTextFile(logFile, "");
    const port = new URL(url).port;
    await using watch = startChild(
      [Deno.execPath(), "run", "-A", "--quiet", "tools/verbs/watch.ts", "--port", port],
      { logFile, cwd: folder, env: { DENO_DIR: `${folder}/deno-dir`, TMPDIR: folder } },
    );
    const keys = async () =>
      /sample data: (\S+)\n +sign in with +(\S+)/.exec(await Deno.readTextFile(logFile));
    await watch.ready("the sample data", async () => await keys() !== null);
    const [, address, key] = await keys() ?? [];
    assert.equal(address, url);

    const runs = await text(`${url}/api/v1/agent-orchestrator/runs`, {
      authorization: `apikey ${key}`,
    });
    const statuses = JSON.parse(runs).runs.map(({ status }: { status: string }) => status);
    assert.deepEqual([...new Set(statuses)].toSorted(), [
      "canceled",
      "failed",
      "queued",
      "running",
      "succeeded",
      "timed_out",
    ]);

    const started = await text(`${url}/watch/started`);
    const page = `${folder}/control_plane/pages/session/sign_in_page.tsx`;
    const source = await Deno.readTextFile(page);
    assert.match(source, /Sign in to Agents/);
    await Deno.writeTextFile(page, source.replace("Sign in to Agents", "Sign in to a change"));
    const changed = await waitFor(async () => {
      const shown = await text(`${url}/sign-in`);
      return shown.includes("Sign in to a change") || undefined;
    }, { what: "the change of the page", explain: () => Deno.readTextFile(logFile) });
    assert.equal(changed, true);
    assert.notEqual(await text(`${url}/watch/started`), started);

    watch.kill("SIGINT");
    assert.equal(await watch.ended, 0);
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assert.deepEqual(left.filter((name) => name.startsWith("bigeye-watch-")), []);
  }));
