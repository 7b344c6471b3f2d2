/** The forward proxy: the form of its address, and which one the usual variables name. */

import * as v from "valibot";
import type { Env } from "../ports.ts";

/**
 * The address of a forward proxy as people write it, in the one form that Deno reads as they meant it. Blanks
 * around it are removed and no scheme means http, as in curl. User and password are percent-encoded.
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
  if (/\s/.test(text)) return undefined; // URL would take a line feed out
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const { protocol, username, password, host, pathname, search, hash } = url;
  // A password with / ? or # ends the address early; what is left of it stands here.
  if (pathname + search + hash !== "/") return undefined;
  const user = username + password === "" ? "" : `${encoded(username)}:${encoded(password)}@`;
  return `${protocol}//${user}${host}`;
}

/** Percent-encoded once: what was encoded already is, and a percent sign of its own is not taken for that. */
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

/** `HTTPS_PROXY` or `HTTP_PROXY` by the address's scheme, unless `NO_PROXY` excepts its host. */
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

/** `*`, a host, or a domain with or without its first dot; ports are ignored, as curl does for hosts. */
function isExcepted(hostname: string, exceptions: string): boolean {
  return exceptions.split(",").map((entry) => entry.trim().replace(/:\d+$/, "")).some((entry) => {
    const domain = entry.replace(/^\*?\./, "");
    if (domain === "") return false;
    return entry === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
  });
}
