/**
 * A fake Docker Engine behind the socket proxy, as a fetch. The words of a container's command control it:
 * `exit-3` (exit code, 0 by default), `runs-5` (exits after 5 s), `runs` (until it is killed), `oom`,
 * `says-hello` (a line of output), `ignores-term`. Requests outside the proxy's policy get 403.
 */

import { decide } from "../../../boundary/policy.ts";
import type { Clock, Fetch } from "../../../lib/ports.ts";
import { encodeFrame, type FakeContainer, newContainer, shown } from "./engine_container.ts";

export interface FakeEngine {
  readonly fetch: Fetch;
  readonly images: Set<string>;
  /** Image → error of its pulls. Pulls of other images succeed. */
  readonly pullErrors: Map<string, string>;
  /** By name. */
  readonly containers: Map<string, FakeContainer>;
  /** The calls that changed something, such as `start bigeye-run-…`. */
  readonly changes: readonly string[];
}

export function fakeEngine(clock: Clock, { images = [] as readonly string[] } = {}): FakeEngine {
  const changes: string[] = [];
  const state = {
    images: new Set(images),
    pullErrors: new Map<string, string>(),
    containers: new Map<string, FakeContainer>(),
    changes,
  };
  const fetch = (request: Request) => {
    asked.add(request);
    return answer(request, { ...state, clock, changes });
  };
  return { ...state, fetch };
}

/** Deno 2.7.11 collects the signal of a request that only a fake refers to; a real fetch keeps it alive. */
const asked = new Set<Request>();

interface World extends Omit<FakeEngine, "fetch"> {
  readonly clock: Clock;
  readonly changes: string[];
}

async function answer(request: Request, world: World): Promise<Response> {
  request.signal.throwIfAborted();
  const url = new URL(request.url);
  const decision = decide({ method: request.method, target: url.pathname + url.search });
  if (!decision.allowed) return new Response("denied by the proxy", { status: 403 });
  const path = url.pathname.replace(/^\/v1\.\d+/, "");
  const operation = `${request.method} ${path}`;
  if (operation === "GET /version") return json({ Version: "20.10.24", ApiVersion: "1.41" });
  if (operation === "GET /info") return json({ InitBinary: "docker-init", InitCommit: { ID: "" } });
  if (operation === "POST /images/create") return pull(url, world);
  if (operation === "POST /containers/create") return create(await request.json(), { url, world });
  if (operation === "GET /containers/json") return list(url, world);
  const image = /^\/images\/(.*)\/json$/.exec(path)?.[1];
  if (image !== undefined) {
    return world.images.has(decodeURI(image)) ? json({}) : failure(404, `No such image: ${image}`);
  }
  const [, , name = "", action = ""] = path.split("/");
  const container = [...world.containers.values()].find((one) =>
    one.name === name || one.id === name
  );
  if (!container) return failure(404, `No such container: ${name}`);
  return await act(container, { action: action || "remove", request, url, world });
}

interface Acting {
  readonly action: string;
  readonly request: Request;
  readonly url: URL;
  readonly world: World;
}

async function act(container: FakeContainer, acting: Acting): Promise<Response> {
  const { action, request, url, world } = acting;
  if (action === "json") return json(shown(container));
  if (action === "logs") return logs(container, { request, url });
  if (action === "wait") {
    await ended(container, request.signal);
    return json({ StatusCode: container.exitCode });
  }
  if (action === "kill" && container.status !== "running") {
    return failure(409, `Container ${container.name} is not running`);
  }
  world.changes.push(`${action} ${container.name}`);
  if (action === "remove") world.containers.delete(container.name);
  if (action === "kill") container.signal(url.searchParams.get("signal") ?? "SIGKILL");
  if (action === "start") {
    if (container.status === "running") return new Response(null, { status: 304 });
    container.start();
  }
  return new Response(null, { status: 204, headers: { "Api-Version": "1.41" } });
}

function pull(url: URL, { images, pullErrors }: World): Response {
  const tag = url.searchParams.get("tag") ?? "";
  const image = url.searchParams.get("fromImage") + (tag.includes(":") ? `@${tag}` : `:${tag}`);
  const error = pullErrors.get(image);
  if (error === undefined) images.add(image);
  const end = error === undefined ? { status: "Downloaded" } : { error };
  return new Response(`${JSON.stringify({ status: "Pulling" })}\r\n${JSON.stringify(end)}\r\n`);
}

interface CreateBody {
  readonly Image: string;
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: { readonly Memory: number };
}

function create(
  body: CreateBody,
  { url, world }: { readonly url: URL; readonly world: World },
): Response {
  const name = url.searchParams.get("name") ?? "";
  if (!world.images.has(body.Image)) return failure(404, `No such image: ${body.Image}`);
  if (world.containers.has(name)) return failure(409, `The name "/${name}" is already in use`);
  const { clock, containers, changes } = world;
  const container = newContainer({ name, labels: body.Labels, words: body.Cmd }, { clock });
  container.memory = body.HostConfig.Memory;
  containers.set(name, container);
  changes.push(`create ${name}`);
  return json({ Id: container.id, Warnings: [] }, 201);
}

function list(url: URL, { containers }: World): Response {
  const { label: [wanted = ""] = [] } = JSON.parse(url.searchParams.get("filters") ?? "{}");
  const [key = "", value] = String(wanted).split("=");
  const found = [...containers.values()].filter(({ labels }) => labels[key] === value);
  return json(found.map(({ id, name, labels, status }) => ({
    Id: id,
    Names: [`/${name}`],
    State: status,
    Labels: labels,
  })));
}

function logs(
  container: FakeContainer,
  { request, url }: { readonly request: Request; readonly url: URL },
): Response {
  const since = Number(url.searchParams.get("since") ?? 0);
  const follow = url.searchParams.get("follow") === "1";
  let sent = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      for (;;) {
        const frames = container.lines.slice(sent)
          .filter(({ at }) => Date.parse(at) / 1000 >= Math.floor(since * 1000) / 1000)
          .map(encodeFrame);
        sent = container.lines.length;
        for (const frame of frames) controller.enqueue(frame);
        if (frames.length > 0) return;
        if (!follow || container.status !== "running") return controller.close();
        await container.changed(request.signal); // rejects when the caller aborts
      }
    },
  });
  return new Response(body);
}

async function ended(container: FakeContainer, signal: AbortSignal): Promise<void> {
  while (container.status === "running") await container.changed(signal);
}

function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { "Api-Version": "1.41" } });
}

function failure(status: number, message: string): Response {
  return json({ message }, status);
}
