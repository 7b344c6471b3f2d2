/** A proxy in front of the real engine, and containers that are created without it. */

import { createProxy } from "../../../boundary/proxy.ts";
import type { Fetch } from "../../../lib/ports.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { systemServeHttp } from "../../../lib/system/network.ts";
import { importTinyImage } from "./tiny_image.ts";

const SOCKET = "/var/run/docker.sock";

export interface Boundary extends AsyncDisposable {
  /** Base URL of the proxy. */
  readonly url: string;
  /** The engine without the proxy, for preparations and checks. */
  readonly engine: Fetch;
  /** The fields of the proxy's log lines. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly image: string;
  /** Stops the proxy, and waits until its server has ended. */
  stop(): Promise<void>;
  /** Creates and starts a container that runs a shell script. Returns its id. */
  start(script: string): Promise<string>;
}

export async function openBoundary(): Promise<Boundary> {
  const image = `bigeye-boundary-test:${crypto.randomUUID()}`;
  await importTinyImage(image);
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path: SOCKET } });
  const engine: Fetch = (request) => fetch(request, { client });
  const lines: Record<string, unknown>[] = [];
  const stopped = new AbortController();
  const port = Promise.withResolvers<number>();
  const served = systemServeHttp(
    createProxy({ engine, log: (_, __, fields) => lines.push({ ...fields }), clock: systemClock }),
    { hostname: "127.0.0.1", port: 0, signal: stopped.signal, onListen: port.resolve },
  );
  const url = `http://127.0.0.1:${await port.promise}`;
  const ids: string[] = [];
  const stop = async () => {
    stopped.abort();
    await served;
  };
  return {
    url,
    engine,
    lines,
    image,
    stop,
    start: async (script) => {
      const id = await create(engine, { image, script });
      ids.push(id);
      await expectOk(
        engine,
        new Request(`http://engine/containers/${id}/start`, { method: "POST" }),
      );
      return id;
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      const remove = (path: string) =>
        expectOk(engine, new Request(`http://engine/${path}`, { method: "DELETE" }));
      for (const id of ids) await remove(`containers/${id}?force=1&v=1`);
      await remove(`images/${image}`);
      client.close();
    },
  };
}

async function create(
  engine: Fetch,
  { image, script }: { image: string; script: string },
): Promise<string> {
  const body = {
    Image: image,
    Entrypoint: ["/bin/bash", "-c", script],
    HostConfig: { NetworkMode: "none", LogConfig: { Type: "json-file" } },
  };
  const made = await expectOk(
    engine,
    new Request("http://engine/containers/create", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
  return JSON.parse(made).Id;
}

async function expectOk(engine: Fetch, request: Request): Promise<string> {
  const response = await engine(request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${request.url}: ${response.status} ${text}`);
  return text;
}
