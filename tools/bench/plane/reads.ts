/** How long the pages of hosts, jobs and runs take, and the same lists over REST. */

import { PATHS } from "../../../control_plane/pages/paths.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { openBareServer } from "./bare_server.ts";
import { type Figure, median, quantile } from "../figures.ts";
import type { PlaneStage } from "./stage.ts";
import { bytesOnTheWire, signedIn, visit, type Visitor, withKey } from "./visitor.ts";

const REQUESTS = 200;
const LIMIT_MS = 60;
const PAGE_LIMIT_KB = 60;
const LISTS = ["hosts", "jobs", "runs"] as const;

interface Place {
  readonly name: string;
  readonly url: string;
  readonly visitor: Visitor;
}

async function placesOf({ plane: { localUrl, adminKey } }: PlaneStage): Promise<readonly Place[]> {
  const person = await signedIn(localUrl, adminKey);
  const machine = withKey(adminKey);
  return LISTS.flatMap((list) => [
    { name: `${list}, page`, url: `${localUrl}${PATHS[list]}`, visitor: person },
    { name: `${list}, REST`, url: `${localUrl}${ORCHESTRATOR_API}/${list}`, visitor: machine },
  ]);
}

/** Turn and turn about with a server that answers a constant of the same size. */
export async function measureReads(
  stage: PlaneStage,
  condition: string,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { name, url, visitor } of await placesOf(stage)) {
    const { length } = await visit(url, visitor);
    await using bare = await openBareServer(length);
    const [ours, constant]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < REQUESTS; turn++) {
      ours.push(await timeOf(() => visit(url, visitor)));
      constant.push(await timeOf(() => visit(bare.url, visitor)));
    }
    for (const [share, word] of [[0.5, "p50"], [0.95, "p95"]] as const) {
      figures.push({
        name: `${name}, ${condition}, ${word}`,
        unit: "ms",
        value: quantile(ours, share),
        ...(word === "p95" && { limit: LIMIT_MS }),
        baseline: median(constant),
        samples: REQUESTS,
      });
    }
  }
  return figures;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** The page of runs as a browser gets it. */
export async function measurePageSize({ plane }: PlaneStage): Promise<readonly Figure[]> {
  const url = `${plane.localUrl}${PATHS.runs}`;
  const person = await signedIn(plane.localUrl, plane.adminKey);
  const bytes = await bytesOnTheWire(url, person);
  const plain = new TextEncoder().encode(await visit(url, person)).length;
  return [
    { name: "runs, page: over the wire", unit: "kB", value: bytes / 1000, limit: PAGE_LIMIT_KB },
    { name: "runs, page: as text", unit: "kB", value: plain / 1000 },
  ];
}
