/** Makes the workflows one script, ahead of time: no bundler runs where the control plane runs. */

import { DIST, ROOT } from "../cli/paths.ts";
import { run } from "../cli/run.ts";
import { exists } from "../setup/cache.ts";
import { sha256 } from "../setup/hash.ts";

const ENTRY = `${ROOT}/control_plane/workflows/mod.ts`;
const SCRIPT = `${DIST}/workflows.js`;
/** The hash of what the script was made from. */
const STAMP = `${DIST}/workflows.sha256`;

/** Writes `dist/workflows.js`; answers whether it had to. */
export async function buildWorkflows(): Promise<boolean> {
  const inputs = await inputsHash();
  if (await exists(SCRIPT) && await exists(STAMP)) {
    if (await Deno.readTextFile(STAMP) === inputs) return false;
  }
  // Loaded here: it brings webpack and swc along, which takes a second.
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

/** Another process, a test for example, reads the old file or the new one, and never half of it. */
async function replace(path: string, text: string): Promise<void> {
  const partial = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(partial, text);
  await Deno.rename(partial, path);
}

/** Over every file of ours that the workflows import, and over the lock of all packages. */
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
