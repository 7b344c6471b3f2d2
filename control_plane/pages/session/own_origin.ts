/** Our origin as the viewer's browser sees it. */

/** Reports whether the browser uses HTTPS, to us or to a proxy in front. */
export function isHttps(request: Request): boolean {
  // Clients can forge this header, which only makes their own cookie stricter.
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",", 1)[0]?.trim();
  return (forwarded?.toLowerCase() ?? new URL(request.url).protocol.slice(0, -1)) === "https";
}

/**
 * Returns our URL under a scheme, from the Host header that a proxy must keep. Its host can be compared with
 * that of another URL: it has no capitals, and no port if that is the scheme's own.
 */
export function ownUrl(request: Request, protocol: string): URL {
  return new URL(`${protocol}//${request.headers.get("host") ?? new URL(request.url).host}`);
}

/** Reports whether both lead to the same host and port, by the other one's scheme. */
export function isOwnHost(request: Request, { protocol, host }: URL): boolean {
  return /^https?:$/.test(protocol) && ownUrl(request, protocol).host === host;
}

/** Returns the origin, for example `https://bigeye.example:8443`; `http` if a proxy does not report its TLS. */
export function ownOrigin(request: Request): string {
  return ownUrl(request, isHttps(request) ? "https:" : "http:").origin;
}
