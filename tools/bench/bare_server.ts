/** The least that an HTTP server of this runtime can do: a constant, from a process of its own. */

import { startChild } from "../scene/child.ts";
import { freePort } from "../scene/network.ts";

const PROGRAM = `
const [port, size] = Deno.args.map(Number);
const body = "x".repeat(size);
const headers = { "content-type": "text/html; charset=utf-8" };
Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, () => new Response(body, { headers }));
`;

export interface BareServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts one that answers `size` characters to every request. */
export async function openBareServer(size: number): Promise<BareServer> {
  const port = freePort();
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
  return { url, [Symbol.asyncDispose]: close };
}

const isBody = (text: string): boolean => text.startsWith("x");
