/** What every answer of the pages tells the browser not to do. */

/**
 * Nothing but our own files, none of it inline, and no text made into markup by a script. A page's
 * forms lead to us only, and nobody frames it.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not "no-referrer": with it a browser sends the Origin of our own forms as "null".
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};
const HSTS = "max-age=31536000";

/**
 * The answer with them; pages are also kept out of every cache, unless the answer says otherwise. Not a
 * copy: the server sends the text of a fresh answer as it is, and that of a copy as a stream.
 */
export function secured(answer: Response, { isHttps }: { isHttps: boolean }): Response {
  const { headers } = answer;
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  if (isHttps) headers.set("strict-transport-security", HSTS);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return answer;
}
