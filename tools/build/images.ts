/** The images: the orchestrator's, the control plane's, and a stand-in for Bigeye's batch agents. */

import { dirname } from "node:path";
import { ADDON_FILE } from "../../lib/temporal/addon.ts";
import { DIST, ROOT } from "../cli/paths.ts";
import { capture, run } from "../cli/run.ts";
import { exists } from "../setup/cache.ts";
import { denort } from "../setup/denort.ts";
import { step } from "../cli/steps.ts";
import { together } from "../cli/together.ts";
import { nativeAddon } from "./addon.ts";
import { IMAGE_USER, place, type Placed, placeSystem } from "./image_context.ts";

const SCRATCH = "scratch";
const DEFAULT_BASE = "debian:bookworm-slim";
/** How long a registry may take; a closed network refuses at once. */
const PULL_MS = 8000;
const PLANE_DATA = "/var/lib/bigeye";
const CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt";

export interface ImageOptions {
  /** Tags are `<tagPrefix>/bigeye-agent:dev`, `…/bigeye-control-plane:dev` and `…/stand-in-agent:dev`. */
  readonly tagPrefix: string;
  /** The image that both programs' are built on; by default Debian's when it can be had, else none. */
  readonly base?: string;
}

export interface Images {
  readonly orchestrator: string;
  readonly plane: string;
  readonly agent: string;
  /** What both programs' images are built on. */
  readonly base: string;
}

/** Builds all images; both programs must be in dist/. */
export async function buildImages({ tagPrefix, base }: ImageOptions): Promise<Images> {
  const orchestrator = `${tagPrefix}/bigeye-agent:dev`;
  const plane = `${tagPrefix}/bigeye-control-plane:dev`;
  const agent = `${tagPrefix}/stand-in-agent:dev`;
  const from = base ?? await step("base image", defaultBase);
  await together(
    step(
      `image ${orchestrator} (base ${from})`,
      () => buildProgram(orchestrator, { name: "bigeye-agent", base: from }),
    ),
    step(
      `image ${plane} (base ${from})`,
      () => buildProgram(plane, { name: "bigeye-control-plane", base: from, data: PLANE_DATA }),
    ),
    step(`image ${agent}`, () => buildStandIn(agent)),
  );
  return { orchestrator, plane, agent, base: from };
}

async function defaultBase(): Promise<string> {
  const present = await capture(["docker", "image", "inspect", DEFAULT_BASE]);
  if (present.code === 0) return DEFAULT_BASE;
  const pulled = await capture(["docker", "pull", "--quiet", DEFAULT_BASE], {
    timeoutMs: PULL_MS,
  });
  return pulled.code === 0 ? DEFAULT_BASE : SCRATCH;
}

interface ProgramImage {
  /** In dist/, and the entry point. */
  readonly name: string;
  readonly base: string;
  /** A folder that its user alone may enter; a fresh volume there is as it is. */
  readonly data?: string;
}

async function buildProgram(tag: string, { name, base, data }: ProgramImage): Promise<void> {
  const { path: addon } = await nativeAddon(await denort());
  const program = `${DIST}/${name}`;
  await build(tag, {
    base,
    files: {
      [name]: program,
      [ADDON_FILE]: addon,
      ...(await exists(`/${CA_BUNDLE}`) && { [CA_BUNDLE]: `/${CA_BUNDLE}` }),
    },
    programs: [program, addon],
    ...(data !== undefined && { data }),
    settings: [`USER ${IMAGE_USER}`, `ENTRYPOINT ["/${name}"]`],
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
  /** Absolute path of a folder that {@linkcode IMAGE_USER} alone may enter. */
  readonly data?: string;
  readonly settings: readonly string[];
}

async function build(tag: string, recipe: Recipe): Promise<void> {
  const { base, files, programs, data, settings } = recipe;
  const context = await Deno.makeTempDir({ prefix: "bigeye-image-" });
  try {
    const root = `${context}/root`;
    await place(root, files);
    if (base === SCRATCH) await placeSystem(root, programs);
    const lines = [`FROM ${base}`, "COPY root/ /"];
    if (data !== undefined) {
      await Deno.mkdir(`${context}/data${data}`, { recursive: true });
      await Deno.chmod(`${context}/data${data}`, 0o700);
      const parent = dirname(data);
      lines.push(`COPY --chown=${IMAGE_USER} data${parent}/ ${parent}/`);
    }
    lines.push(...settings);
    await Deno.writeTextFile(`${context}/Dockerfile`, `${lines.join("\n")}\n`);
    await run(["docker", "build", "--quiet", "--tag", tag, context]);
  } finally {
    await Deno.remove(context, { recursive: true });
  }
}
