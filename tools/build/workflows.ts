/** Bundles the workflows into one script at build time, so that the control plane needs no bundler. */

import { DIST, ROOT } from "../cli/paths.ts";
import { run } from "../cli/run.ts";
import { exists, sha256 } from "../setup/cache.ts";

const ENTRY = `${ROOT}/control_plane/workflows/mod.ts`;
const SCRIPT = `${DIST}/workflows.js`;
/** Holds the hash of the script's sources. */
const STAMP = `${DIST}/workflows.sha256`;

/** Writes `dist/workflows.js` if its sources have changed. Returns whether it wrote. */
export async function buildWorkflows(): Promise<boolean> {
  const inputs = await inputsHash();
  if (await exists(SCRIPT) && await exists(STAMP)) {
    if (await Deno.readTextFile(STAMP) === inputs) return false;
  }
  // Imported late, because it loads webpack and swc, which takes a second.
  const { bundleWorkflowCode, DefaultLogger } = await import("@temporalio/worker");
  const { code } = await bundleWorkflowCode({
    workflowsPath: ENTRY,
    logger: new DefaultLogger("WARN"),
  });
  await Deno.mkdir(DIST, { recursive: true });
  await replace(SCRIPT, code);
  await replace(STAMP, inputs);
  return true;
}

/** Replaces a file in one step, so that other processes never read half of it. */
async function replace(path: string, text: string): Promise<void> {
  const partial = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(partial, text);
  await Deno.rename(partial, path);
}

/** Hashes every project file that the workflows import, and the lock file. */
async function inputsHash(): Promise<string> {
  const graph: { modules: readonly { local?: string }[] } = JSON.parse(
    await run([Deno.execPath(), "info", "--json", ENTRY], { cwd: ROOT }),
  );
  const files = graph.modules.flatMap(({ local }) => local?.startsWith(ROOT) ? [local] : []);
  const hashes: string[] = [];
  for (const path of [...files.toSorted(), `${ROOT}/deno.lock`]) {
    hashes.push(`${path.slice(ROOT.length)} ${sha256(await Deno.readFile(path))}`);
  }
  return sha256(new TextEncoder().encode(hashes.join("\n")));
}
