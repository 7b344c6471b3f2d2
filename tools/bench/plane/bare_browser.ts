/**
 * Drives Chromium over its own protocol. Playwright takes part in every navigation, which delayed a first
 * paint by 30 to 40 ms here.
 */

import { CHROMIUM, testProgram } from "../../setup/test_programs.ts";
import { startChild } from "../../../tests/harness/scene/child.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--no-first-run",
  "--disable-gpu",
  "--disable-background-networking",
  "--remote-debugging-port=0",
];

export interface BareBrowser extends AsyncDisposable {
  /** Opens a window with a new profile and an empty cache. */
  readonly openWindow: (cookie?: Cookie) => Promise<BareWindow>;
}

/** A cookie that is set before the first visit. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** The site that receives it. */
  readonly url: string;
}

export interface BareWindow extends AsyncDisposable {
  /** Resolves when the browser begins to show the page. @throws when the navigation fails. */
  readonly goTo: (url: string) => Promise<void>;
  /** Evaluates an expression in the page, awaits its promise, and returns the JSON value. */
  readonly evaluate: <T>(expression: string) => Promise<T>;
}

/** Starts Chromium headless. Disposing closes it and removes its profiles. */
export async function openBareBrowser(): Promise<BareBrowser> {
  await using parts = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "bigeye-browser-" });
  parts.defer(() => Deno.remove(folder, { recursive: true }));
  const program = await testProgram(CHROMIUM);
  const argv = [program, ...FLAGS, `--user-data-dir=${folder}/profile`, "about:blank"];
  const child = parts.use(startChild(argv, { logFile: `${folder}/log` }));
  // Chromium writes the port and the path of its protocol to this file, one a line.
  const portFile = `${folder}/profile/DevToolsActivePort`;
  let lines: string[] = [];
  await child.ready("Chromium", async () => {
    lines = (await Deno.readTextFile(portFile).catch(() => "")).split("\n");
    return lines.length === 2;
  });
  const send = await connect(`ws://127.0.0.1:${lines.join("")}`);
  parts.defer(async () => {
    await send("Browser.close");
    await child.ended;
  });
  const all = parts.move();
  return {
    openWindow: (cookie) => openWindow(send, cookie),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function openWindow(send: Send, cookie?: Cookie): Promise<BareWindow> {
  const { browserContextId } = await send("Target.createBrowserContext");
  if (cookie) await send("Storage.setCookies", { browserContextId, cookies: [cookie] });
  const { targetId } = await send("Target.createTarget", { browserContextId, url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call = (method: string, params: Params) => send(method, params, String(sessionId));
  return {
    async goTo(url) {
      const { errorText } = await call("Page.navigate", { url });
      if (errorText !== undefined) throw new Error(`Cannot go to ${url}: ${errorText}`);
    },
    async evaluate<T>(expression: string) {
      const request = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await call("Runtime.evaluate", request);
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: T }).value;
    },
    async [Symbol.asyncDispose]() {
      await send("Target.disposeBrowserContext", { browserContextId });
    },
  };
}

type Params = Readonly<Record<string, unknown>>;
type Send = (method: string, params?: Params, sessionId?: string) => Promise<Params>;

interface Message {
  readonly id?: number;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

/** Opens a connection for commands of the Chrome DevTools Protocol, whose answers come in any order. */
async function connect(url: string): Promise<Send> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, PromiseWithResolvers<Params>>();
  const opened = Promise.withResolvers<void>();
  socket.onopen = () => opened.resolve();
  socket.onclose = () => {
    const error = new Error("Chromium has closed the connection");
    for (const { reject } of [opened, ...waiting.values()]) reject(error);
  };
  socket.onmessage = ({ data }) => {
    const { id, result, error }: Message = JSON.parse(data);
    if (id === undefined) return;
    if (result) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(error?.message));
    waiting.delete(id);
  };
  await opened.promise;
  let count = 0;
  return (method, params = {}, sessionId) => {
    const answer = Promise.withResolvers<Params>();
    waiting.set(++count, answer);
    socket.send(JSON.stringify({ id: count, method, params, ...(sessionId ? { sessionId } : {}) }));
    return answer.promise;
  };
}
