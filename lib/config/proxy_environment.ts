/** The forward proxy that the usual variables name for an address. */

import type { Env } from "../ports.ts";

/** `HTTPS_PROXY` or `HTTP_PROXY` by the address's scheme, unless `NO_PROXY` excepts its host. */
export function proxyFromEnvironment(
  url: string,
  env: Env,
): { readonly variable: string; readonly value: string | undefined } {
  const { protocol, hostname } = new URL(url);
  const variable = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = isExcepted(hostname, env("NO_PROXY") ?? env("no_proxy") ?? "")
    ? undefined
    : env(variable) ?? env(variable.toLowerCase());
  return { variable, value };
}

/** `*`, a host, or a domain with or without its first dot; ports are ignored, as curl does for hosts. */
function isExcepted(hostname: string, exceptions: string): boolean {
  return exceptions.split(",").map((entry) => entry.trim().replace(/:\d+$/, "")).some((entry) => {
    const domain = entry.replace(/^\*?\./, "");
    if (domain === "") return false;
    return entry === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
  });
}
