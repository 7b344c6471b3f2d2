/** Who calls the control plane over TLS: a machine with an admin's key, and a browser. */

import assert from "node:assert/strict";

/** What a caller says of itself, and nobody should believe. */
export const CLAIMED = "203.0.113.7";

/** Sends requests to any of the processes, and through the balancer, as the admin. */
export interface Caller extends Disposable {
  readonly key: string;
  call(base: string, method: string, path: string, body?: unknown): Promise<unknown>;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
}

export function caller(key: string, authority: string): Caller {
  const client = Deno.createHttpClient({ caCerts: [authority] });
  const send = (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, client, redirect: "manual", signal: AbortSignal.timeout(60_000) });
  return {
    key,
    fetch: send,
    async call(base, method, path, body) {
      const headers = {
        authorization: `apikey ${key}`,
        "content-type": "application/json",
        "x-forwarded-for": CLAIMED,
      };
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const response = await send(`${base}${path}`, init);
      const text = await response.text();
      assert(response.ok, `${method} ${base}${path}: ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    [Symbol.dispose]: () => client.close(),
  };
}

export interface OpenEvents {
  /** Resolves once the text has come since the last call. */
  heard(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Signs in as a browser does, and follows the jobs. */
export async function openEvents(url: string, { fetch, key }: Caller): Promise<OpenEvents> {
  const signIn = await fetch(`${url}/sign-in`, {
    method: "POST",
    headers: { origin: url },
    body: new URLSearchParams({ key }),
  });
  const [cookie = ""] = (signIn.headers.get("set-cookie") ?? "").split(";");
  assert.match(cookie, /^__Host-/);
  await signIn.body?.cancel();
  const stream = await fetch(`${url}/events?of=jobs`, { headers: { cookie } });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let come = "";
  const events: OpenEvents = {
    async heard(text) {
      while (!come.includes(text)) {
        const { value, done } = await reader.read();
        assert(!done, come);
        come += value;
      }
      come = "";
    },
    close: () => reader.cancel(),
  };
  await events.heard("retry: 2000");
  return events;
}
