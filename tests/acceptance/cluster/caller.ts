/** Callers of the control plane over TLS: a program with an admin's key, and a browser. */

import assert from "node:assert/strict";

/** The false address that the caller sends in X-Forwarded-For. */
export const CLAIMED = "203.0.113.7";

/** Sends requests as the admin to a control plane or to the load balancer. */
export interface Caller extends Disposable {
  readonly key: string;
  call(
    base: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown>;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
}

export function caller(key: string, authority: string): Caller {
  const client = Deno.createHttpClient({ caCerts: [authority] });
  const send = (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, client, redirect: "manual", signal: AbortSignal.timeout(60_000) });
  return {
    key,
    fetch: send,
    async call(base, method, path, body, more = {}) {
      const headers = {
        authorization: `apikey ${key}`,
        "content-type": "application/json",
        "x-forwarded-for": CLAIMED,
        ...more,
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
  /** Resolves once the text was received since the last call. */
  received(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Signs in like a browser, and subscribes to the changes of jobs. */
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
  let unread = "";
  const events: OpenEvents = {
    async received(text) {
      while (!unread.includes(text)) {
        const { value, done } = await reader.read();
        assert(!done, unread);
        unread += value;
      }
      unread = "";
    },
    close: () => reader.cancel(),
  };
  await events.received("retry: 2000");
  return events;
}
