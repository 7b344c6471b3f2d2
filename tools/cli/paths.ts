/** Paths of the project, of the built programs and of the cache. */

const folder = (url: URL): string => url.pathname.replace(/\/$/, "");

/** The root folder of the project. */
export const ROOT: string = folder(new URL("../..", import.meta.url));

/** The folder of the built programs. */
export const DIST: string = `${ROOT}/dist`;

/** The folder of all downloads. The script `dev` uses the same path. */
export function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  return `${base}/bigeye-agent`;
}
