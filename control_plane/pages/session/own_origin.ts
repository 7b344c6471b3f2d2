/** Where the reader's browser sees us. */

/** Whether that browser speaks HTTPS, to us or to the proxy before us. */
export function isHttps(request: Request): boolean {
  // Anybody can send the header; a liar only makes the own cookie stricter.
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.slice(0, -1)) === "https";
}

/** Host and port, as in `bigeye.example:8443`: a proxy keeps them. */
export function ownHost(request: Request): string {
  return request.headers.get("host") ?? new URL(request.url).host;
}

/** As in `https://bigeye.example:8443`. A proxy that does not tell of its TLS makes it `http`. */
export function ownOrigin(request: Request): string {
  return `${isHttps(request) ? "https" : "http"}://${ownHost(request)}`;
}
