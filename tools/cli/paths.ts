/** Where things are. */

const folder = (url: URL): string => url.pathname.replace(/\/$/, "");

/** The project. */
export const ROOT: string = folder(new URL("../..", import.meta.url));

/** What the build makes. */
export const DIST: string = `${ROOT}/dist`;

/** The one folder below which everything fetched is kept; the script `dev` says the same. */
export function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  return `${base}/bigeye-agent`;
}
