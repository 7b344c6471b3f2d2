/** The paths of all pages, so that links and routes cannot disagree. */

const AGENTS = "/settings/agents";

export const PATHS = {
  signIn: "/sign-in",
  signOut: "/sign-out",
  events: "/events",
  hosts: `${AGENTS}/hosts`,
  newHost: `${AGENTS}/hosts/new`,
  jobs: `${AGENTS}/jobs`,
  newJob: `${AGENTS}/jobs/new`,
  runs: `${AGENTS}/runs`,
  people: "/settings/people",
  keys: "/settings/keys",
  audit: "/settings/audit",
} as const;

export const hostPath = (id: string): string => `${PATHS.hosts}/${encodeURIComponent(id)}`;
export const jobPath = (id: string): string => `${PATHS.jobs}/${encodeURIComponent(id)}`;
export const runPath = (id: string): string => `${PATHS.runs}/${encodeURIComponent(id)}`;
export const userKeysPath = (id: string): string =>
  `${PATHS.people}/${encodeURIComponent(id)}/keys`;

/** Builds a path with a query; absent and empty parameters are omitted. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): string {
  const known = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(known as [string, string][]).toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * Returns path and query of a URL from a request, if it is one of ours. Otherwise a crafted link could
 * redirect from our sign-in to a foreign site.
 */
export function ownPath(address: string | null | undefined, otherwise: string): string {
  if (!address?.startsWith("/")) return otherwise;
  const base = "http://own.invalid";
  const url = URL.parse(address, base);
  // A browser reads a leading "//" as a host, and "/.//host" normalises to it.
  if (url?.origin !== base || url.pathname.startsWith("//")) return otherwise;
  return `${url.pathname}${url.search}`;
}
