/** The baseline: the smallest HTTP server of this runtime, in a separate process. */

import { startChild } from "../../../tests/harness/scene/child.ts";
import { systemFreePort } from "../../../lib/system/network.ts";

const PROGRAM = `
const [port, size] = Deno.args.map(Number);
const body = "x".repeat(size);
const headers = { "content-type": "text/html; charset=utf-8" };
async function heartbeat(request) {
  await request.json();
  return Response.json({ server_time: new Date().toISOString() });
}
Deno.serve(
  { port, hostname: "127.0.0.1", onListen() {} },
  (request) => request.method === "POST" ? heartbeat(request) : new Response(body, { headers }),
);
`;

export interface BareServer extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
}

/** Starts a server that answers GET with `size` characters, and POST with the time as JSON. */
export async function openBareServer(size: number): Promise<BareServer> {
  const port = systemFreePort();
  const url = `http://127.0.0.1:${port}/`;
  const logFile = await Deno.makeTempFile();
  const child = startChild(
    [Deno.execPath(), "eval", "--no-config", "--no-lock", PROGRAM, String(port), String(size)],
    { logFile },
  );
  const close = async () => {
    await child[Symbol.asyncDispose]();
    await Deno.remove(logFile);
  };
  try {
    await child.ready(
      url,
      () => fetch(url).then((answer) => answer.text()).then(isBody, () => false),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { url, pid: child.pid, [Symbol.asyncDispose]: close };
}

const isBody = (text: string): boolean => text.startsWith("x");
