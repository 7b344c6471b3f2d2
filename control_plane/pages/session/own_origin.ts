/** Our origin as the viewer's browser sees it. */

/** Reports whether the browser uses HTTPS, to us or to a proxy in front. */
export function isHttps(request: Request): boolean {
  // Clients can forge this header, which only makes their own cookie stricter.
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.slice(0, -1)) === "https";
}

/** Returns host and port, for example `bigeye.example:8443`, which a proxy must keep. */
export function ownHost(request: Request): string {
  return request.headers.get("host") ?? new URL(request.url).host;
}

/** Returns the origin, for example `https://bigeye.example:8443`; `http` if a proxy does not report its TLS. */
export function ownOrigin(request: Request): string {
  return `${isHttps(request) ? "https" : "http"}://${ownHost(request)}`;
}
