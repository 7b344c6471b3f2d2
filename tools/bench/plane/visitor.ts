/** A person's browser and a machine's client, as far as a measurement needs them. */

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

/** Gets a document whole. @throws on anything but a 200. */
export async function visit(url: string, { headers }: Visitor): Promise<string> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Cannot get ${url}: ${response.status} ${text}`);
  return text;
}

/**
 * Bytes that an answer takes on the wire, its head included, to a client that takes gzip: read from the
 * connection itself, as `fetch` shows a body only after it was decompressed.
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
