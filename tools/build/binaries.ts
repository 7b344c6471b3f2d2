/** The two programs that are shipped, each one file in dist/. */

import { stop } from "esbuild";
import { DIST, ROOT } from "../cli/paths.ts";
import { locked } from "../setup/cache.ts";
import { step, together } from "../cli/steps.ts";
import { type NativeAddon, nativeAddon } from "./addon.ts";
import { bundle, compile } from "./program.ts";
import { buildWorkflows } from "./workflows.ts";

interface Program {
  readonly name: string;
  /** Relative to the project. */
  readonly entry: string;
  readonly permissions: readonly string[];
  readonly v8Flags: readonly string[];
}

/**
 * Both read and write wherever the operator says and dial whatever address is configured. `ffi` is
 * for Temporal's addon, whose path is known at run time only. Of the system they learn its name, who
 * runs them and how much disk and memory there is. No code is ever imported from outside.
 */
const COMMON = [
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-env",
  "--allow-sys=hostname,uid,gid,statfs,systemMemoryInfo",
  "--allow-ffi",
  "--deny-import",
];

/** 9 MB less resident in an idle worker, for more work at each collection. */
const SMALL_HEAP = "--max-semi-space-size=1";
/** What runs on a host mostly waits: the memory of optimized code is not worth its speed there. */
const UNOPTIMIZED = ["--no-opt", "--no-maglev"];

const AGENT: Program = {
  name: "bigeye-agent",
  entry: "mod.ts",
  permissions: [...COMMON, "--allow-run=docker"],
  v8Flags: [SMALL_HEAP, ...UNOPTIMIZED],
};

const CONTROL_PLANE: Program = {
  name: "bigeye-control-plane",
  entry: "control_plane/mod.ts",
  // It starts HAProxy, and the Temporal server whose path the operator names, so that both end with us.
  permissions: [...COMMON, "--allow-run=setpriv"],
  v8Flags: [],
};

/** Builds dist/bigeye-agent and dist/bigeye-control-plane. */
export async function buildBinaries(denort: string): Promise<void> {
  // Two runs in one clone share dist/.
  await locked(`build${ROOT.replaceAll("/", "-")}`, () => buildAll(denort));
}

async function buildAll(denort: string): Promise<void> {
  const addon = nativeAddon(denort);
  const workflows = step("workflow bundle", buildWorkflows);
  try {
    await together(
      addon.then((addon) => buildProgram(AGENT, addon)),
      // The control plane has the workflow bundle in it.
      together(addon, workflows).then(([addon]) => buildProgram(CONTROL_PLANE, addon)),
    );
  } finally {
    await stop();
  }
}

async function buildProgram(program: Program, addon: NativeAddon): Promise<void> {
  const { name, permissions, v8Flags } = program;
  await step(`program ${name}`, async () => {
    const entry = await bundle({
      entry: `${ROOT}/${program.entry}`,
      outDir: `${DIST}/bundle/${name}`,
      addon,
    });
    // Renamed, so that a program in use is not written to.
    const output = `${DIST}/bundle/${name}/${name}`;
    await compile({ entry, output, runtime: addon.runtime, permissions, v8Flags });
    await Deno.rename(output, `${DIST}/${name}`);
  });
}
