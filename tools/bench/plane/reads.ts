/** Measures the pages of hosts, jobs and runs, and the same lists over REST. */

import { PATHS } from "../../../control_plane/pages/paths.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { type Figure, median, quantile } from "../figures.ts";
import { openBareServer } from "./bare_server.ts";
import type { PlaneStage } from "./stage.ts";

const REQUESTS = 200;
const LIMIT_MS = 60;
const PAGE_LIMIT_KB = 60;
const NAMES = ["hosts", "jobs", "runs"] as const;

interface List {
  readonly name: string;
  readonly url: string;
  readonly visitor: Visitor;
}

async function listsOf({ plane: { localUrl, adminKey } }: PlaneStage): Promise<readonly List[]> {
  const user = await signedIn(localUrl, adminKey);
  const machine = withKey(adminKey);
  return NAMES.flatMap((list) => [
    { name: `${list}, page`, url: `${localUrl}${PATHS[list]}`, visitor: user },
    { name: `${list}, REST`, url: `${localUrl}${ORCHESTRATOR_API}/${list}`, visitor: machine },
  ]);
}

/** Measures each list by turns with a server that answers a constant of the same size. */
export async function measureReads(
  stage: PlaneStage,
  condition: string,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { name, url, visitor } of await listsOf(stage)) {
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

/** Measures the page of runs as a browser receives it. */
export async function measurePageSize({ plane }: PlaneStage): Promise<readonly Figure[]> {
  const url = `${plane.localUrl}${PATHS.runs}`;
  const user = await signedIn(plane.localUrl, plane.adminKey);
  const bytes = await bytesOnTheWire(url, user);
  const plain = new TextEncoder().encode(await visit(url, user)).length;
  return [
    { name: "runs, page: over the wire", unit: "kB", value: bytes / 1000, limit: PAGE_LIMIT_KB },
    { name: "runs, page: as text", unit: "kB", value: plain / 1000 },
  ];
}

export interface Visitor {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs in to the pages with a Personal API Key. */
export async function signedIn(base: string, key: string): Promise<Visitor> {
  const response = await fetch(`${base}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: base },
    body: new URLSearchParams({ key }),
  });
  await response.body?.cancel();
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (response.status !== 303 || cookie === undefined) {
    throw new Error(`Cannot sign in: the answer is ${response.status}`);
  }
  return { name: "page", headers: { cookie } };
}

export function withKey(key: string): Visitor {
  return { name: "REST list", headers: { authorization: `apikey ${key}` } };
}

/** Gets a document. @throws on any status but 200. */
export async function visit(url: string, { headers }: Visitor): Promise<string> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Cannot get ${url}: ${response.status} ${text}`);
  return text;
}

/**
 * Counts the bytes of a response to a client that accepts gzip, with its head. Reads the connection itself,
 * because `fetch` decompresses the body.
 */
export async function bytesOnTheWire(url: string, { headers }: Visitor): Promise<number> {
  const { hostname, port, host, pathname } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const all = { ...headers, host, "accept-encoding": "gzip", connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const head = [`GET ${pathname} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(head));
  const answer = new Uint8Array(await new Response(connection.readable).arrayBuffer());
  const begin = new TextDecoder().decode(answer.subarray(0, 15));
  if (!begin.startsWith("HTTP/1.1 200")) throw new Error(`Cannot get ${url}: ${begin}`);
  return answer.length;
}
