/** Images under tags of their own, so that two runs do not share them, and removed afterwards. */

import { capture } from "../cli/run.ts";
import { buildImages } from "./images.ts";

export interface Images {
  readonly orchestratorImage: string;
  readonly planeImage: string;
  readonly agentImage: string;
}

export interface DisposableImages extends Images, AsyncDisposable {
  /** From now on disposing leaves them. */
  keep(): void;
}

/** Builds all images; disposing removes every tag that was not there before. */
export async function disposableImages(): Promise<DisposableImages> {
  const before = await tags();
  const tagPrefix = `bigeye-${crypto.randomUUID().slice(0, 8)}`;
  const { orchestrator, plane, agent, base } = await buildImages({ tagPrefix });
  const made = [orchestrator, plane, agent, base].filter((tag) => !before.has(tag));
  let kept = false;
  return {
    orchestratorImage: orchestrator,
    planeImage: plane,
    agentImage: agent,
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
