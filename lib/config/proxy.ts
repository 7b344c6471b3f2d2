/** The forward proxy: checks the form of its address, and reads it from the usual environment variables. */

import * as v from "valibot";
import type { Env } from "../ports.ts";

/**
 * The address of a forward proxy, converted from what people write to the one form that Deno reads correctly.
 * Surrounding spaces are removed, and a missing scheme means http, as in curl. User and password are
 * percent-encoded.
 */
export const ProxySchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const proxy = proxyUrl(dataset.value.trim());
    if (proxy !== undefined) return proxy;
    addIssue({ message: "must be an address such as http://user:password@proxy.example.com:3128" });
    return NEVER;
  }),
);

function proxyUrl(text: string): string | undefined {
  if (/\s/.test(text)) return undefined; // URL would remove a line feed
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const { protocol, username, password, host, pathname, search, hash } = url;
  // A `/`, `?` or `#` in a password ends the host early; the rest of the text is then here.
  if (pathname + search + hash !== "/") return undefined;
  const user = username + password === "" ? "" : `${encoded(username)}:${encoded(password)}@`;
  return `${protocol}//${user}${host}`;
}

/** Percent-encodes a text that may be encoded already; a percent sign that encodes nothing is encoded too. */
function encoded(text: string): string {
  const plain = text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
  return encodeURIComponent(plain);
}

/** Returns `HTTPS_PROXY` or `HTTP_PROXY`, by the scheme of `url`; no value if `NO_PROXY` excepts the host. */
export function proxyFromEnvironment(
  url: string,
  env: Env,
): { readonly variable: string; readonly value: string | undefined } {
  const { protocol, hostname } = new URL(url);
  const upper = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const variable = env(upper) === undefined ? upper.toLowerCase() : upper;
  const isDirect = isExcepted(hostname, env("NO_PROXY") ?? env("no_proxy") ?? "");
  return { variable, value: isDirect ? undefined : env(variable) };
}

/** Entries are `*`, a host, or a domain with or without its first dot. Ports are ignored, as curl does for hosts. */
function isExcepted(hostname: string, exceptions: string): boolean {
  return exceptions.split(",").map((entry) => entry.trim().replace(/:\d+$/, "")).some((entry) => {
    const domain = entry.replace(/^\*?\./, "");
    if (domain === "") return false;
    return entry === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
  });
}
