/** The two images: the orchestrator's, and a stand-in for Bigeye's batch agents. */

import { ADDON_FILE } from "../../lib/temporal/addon.ts";
import { DIST, ROOT } from "../paths.ts";
import { capture, run } from "../run.ts";
import { exists } from "../setup/cache.ts";
import { denort } from "../setup/denort.ts";
import { step } from "../steps.ts";
import { nativeAddon } from "./addon.ts";
import { IMAGE_USER, place, type Placed, placeSystem } from "./image_context.ts";

const SCRATCH = "scratch";
const DEFAULT_BASE = "debian:bookworm-slim";
/** How long a registry may take; a closed network refuses at once. */
const PULL_MS = 8000;
const CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt";

export interface ImageOptions {
  /** Tags are `<tagPrefix>/bigeye-agent:dev` and `<tagPrefix>/stand-in-agent:dev`. */
  readonly tagPrefix: string;
  /** The image that the orchestrator's is built on; by default Debian's when it can be had, else none. */
  readonly base?: string;
}

export interface Images {
  readonly orchestrator: string;
  readonly agent: string;
  /** What the orchestrator's image is built on. */
  readonly base: string;
}

/** Builds both images; dist/bigeye-agent must be there. */
export async function buildImages({ tagPrefix, base }: ImageOptions): Promise<Images> {
  const orchestrator = `${tagPrefix}/bigeye-agent:dev`;
  const agent = `${tagPrefix}/stand-in-agent:dev`;
  const from = base ?? await step("base image", defaultBase);
  await step(`image ${orchestrator} (base ${from})`, () => buildOrchestrator(orchestrator, from));
  await step(`image ${agent}`, () => buildStandIn(agent));
  return { orchestrator, agent, base: from };
}

async function defaultBase(): Promise<string> {
  const present = await capture(["docker", "image", "inspect", DEFAULT_BASE]);
  if (present.code === 0) return DEFAULT_BASE;
  const pulled = await capture(["docker", "pull", "--quiet", DEFAULT_BASE], {
    timeoutMs: PULL_MS,
  });
  return pulled.code === 0 ? DEFAULT_BASE : SCRATCH;
}

async function buildOrchestrator(tag: string, base: string): Promise<void> {
  const { path: addon } = await nativeAddon(await denort());
  const program = `${DIST}/bigeye-agent`;
  await build(tag, {
    base,
    files: {
      "bigeye-agent": program,
      [ADDON_FILE]: addon,
      ...(await exists(`/${CA_BUNDLE}`) && { [CA_BUNDLE]: `/${CA_BUNDLE}` }),
    },
    programs: [program, addon],
    settings: [`USER ${IMAGE_USER}`, 'ENTRYPOINT ["/bigeye-agent"]'],
  });
}

/** FROM scratch, with this machine's shell: it needs no registry and weighs little. */
async function buildStandIn(tag: string): Promise<void> {
  const programs = ["/bin/bash", "/bin/mkdir", "/bin/sleep"];
  await build(tag, {
    base: SCRATCH,
    files: {
      ...Object.fromEntries(programs.map((path) => [path.slice(1), path])),
      "agent.sh": `${ROOT}/tools/stand_in/agent.sh`,
    },
    programs,
    settings: [
      "ENV PATH=/bin",
      `USER ${IMAGE_USER}`,
      'ENTRYPOINT ["/bin/bash", "/agent.sh"]',
    ],
  });
}

interface Recipe {
  readonly base: string;
  readonly files: Placed;
  /** Those of the files whose libraries an image from scratch must have. */
  readonly programs: readonly string[];
  readonly settings: readonly string[];
}

async function build(tag: string, { base, files, programs, settings }: Recipe): Promise<void> {
  const context = await Deno.makeTempDir({ prefix: "bigeye-image-" });
  try {
    const root = `${context}/root`;
    await place(root, files);
    if (base === SCRATCH) await placeSystem(root, programs);
    const lines = [`FROM ${base}`, "COPY root/ /", ...settings];
    await Deno.writeTextFile(`${context}/Dockerfile`, `${lines.join("\n")}\n`);
    await run(["docker", "build", "--quiet", "--tag", tag, context]);
  } finally {
    await Deno.remove(context, { recursive: true });
  }
}
