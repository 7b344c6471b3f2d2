/** Builds the images: the orchestrator's, the control plane's, and a stand-in for Bigeye's batch agents. */

import { dirname } from "node:path";
import { ADDON_FILE } from "../../lib/temporal/addon.ts";
import { DIST, ROOT } from "../cli/paths.ts";
import { capture, run } from "../cli/run.ts";
import { step, together } from "../cli/steps.ts";
import { exists } from "../setup/cache.ts";
import { denort } from "../setup/deno.ts";
import { nativeAddon } from "./addon.ts";
import { IMAGE_USER, place, type Placed, placeSystem } from "./image_root.ts";

const SCRATCH = "scratch";
const DEFAULT_BASE = "debian:bookworm-slim";
/** The time limit of a pull. A closed network refuses at once. */
const PULL_MS = 8000;
const PLANE_DATA = "/var/lib/bigeye";
const CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt";

export interface ImageOptions {
  /** Tags are `<tagPrefix>/bigeye-agent:dev`, `…/bigeye-control-plane:dev` and `…/stand-in-agent:dev`. */
  readonly tagPrefix: string;
  /** The base of both programs' images; by default Debian's if it can be pulled, else `scratch`. */
  readonly base?: string;
}

/** References of the images, as `docker` takes them. */
export interface Images {
  readonly orchestrator: string;
  readonly plane: string;
  readonly agent: string;
  /** The base of both programs' images. */
  readonly base: string;
}

/** Builds all images. Both programs must be in dist/. */
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
  /** The file in dist/, which is the entry point. */
  readonly name: string;
  readonly base: string;
  /** A folder that only {@linkcode IMAGE_USER} may enter. A new volume there inherits its owner and mode. */
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

/** Builds from scratch with this machine's shell, so that it needs no registry and stays small. */
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
  /** The files whose libraries an image from scratch must contain. */
  readonly programs: readonly string[];
  /** Absolute path of a folder that only {@linkcode IMAGE_USER} may enter. */
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

export interface DisposableImages extends Images, AsyncDisposable {
  /** Makes disposing leave the images. */
  keep(): void;
}

/**
 * Builds all images under new tags, so that two runs do not share them. Disposing removes every tag that
 * did not exist before.
 */
export async function disposableImages(): Promise<DisposableImages> {
  const before = await tags();
  const tagPrefix = `bigeye-${crypto.randomUUID().slice(0, 8)}`;
  const images = await buildImages({ tagPrefix });
  const made = Object.values<string>({ ...images }).filter((tag) => !before.has(tag));
  let kept = false;
  return {
    ...images,
    keep: () => {
      kept = true;
    },
    async [Symbol.asyncDispose]() {
      if (!kept) await capture(["docker", "image", "rm", ...made]);
    },
  };
}

async function tags(): Promise<ReadonlySet<string>> {
  const { stdout } = await capture([
    "docker",
    "image",
    "ls",
    "--format",
    "{{.Repository}}:{{.Tag}}",
  ]);
  return new Set(stdout.split("\n"));
}
