/** Which packages bring what we need to a Debian or Ubuntu, and from which release they must come. */

import type { OsRelease } from "./apt_sources.ts";

export interface Lacking {
  readonly engine: boolean;
  readonly client: boolean;
  readonly compose: boolean;
}

export interface Plan {
  readonly packages: readonly string[];
  /** Packages that this release has not got: they come from trixie, one by one and nothing else. */
  readonly fromTrixie: readonly string[];
  /** Files that steer the packages' own set-up, written where there is none, and left. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Services that come with them and are not to run, at the machine's next start either. */
  readonly idle?: readonly string[];
}

/** What to install, by what is lacking. */
export function dockerPackages(os: OsRelease, lacking: Lacking): Plan {
  const bookworm = isBookworm(os);
  const ubuntu = os["ID"] === "ubuntu";
  const engine = lacking.engine ? ["docker.io", "iptables", "ca-certificates"] : [];
  // In bookworm and Ubuntu the engine's package has the client in it.
  const client = !lacking.client ? [] : bookworm || ubuntu ? ["docker.io"] : ["docker-cli"];
  const packages = [...new Set([...engine, ...client])];
  if (!lacking.compose) return { packages, fromTrixie: [] };
  // Bookworm's own docker-compose is the legacy version 1.
  if (bookworm) return { packages, fromTrixie: ["docker-compose"] };
  return {
    packages: [...packages, ubuntu ? "docker-compose-v2" : "docker-compose"],
    fromTrixie: [],
  };
}

/** A Go that can fetch the newer one which Temporal asks for: from 1.21 on. */
export function goPackages(os: OsRelease): Plan {
  if (!isBookworm(os)) return { packages: ["golang-go"], fromTrixie: [] };
  const fromTrixie = ["golang-go", "golang-src", "golang-1.24-go", "golang-1.24-src"];
  return { packages: ["ca-certificates"], fromTrixie };
}

/** pip alone: it fetches files for us, and installs nothing. */
export const PIP_PACKAGES: Plan = {
  packages: ["python3-pip", "ca-certificates"],
  fromTrixie: [],
};

/** The release's own Postgres, as programs: without this setting a server would be set up with them. */
export function postgresPackages(): Plan {
  return {
    packages: ["postgresql"],
    fromTrixie: [],
    settings: {
      "/etc/postgresql-common/createcluster.conf": "create_main_cluster = false\n",
    },
    idle: ["postgresql"],
  };
}

export function haproxyPackages(): Plan {
  return { packages: ["haproxy"], fromTrixie: [], idle: ["haproxy"] };
}

/** Ubuntu's package is a stand-in for a snap, which takes a running system. */
export function chromiumPackages(os: OsRelease): Plan | undefined {
  return os["ID"] === "ubuntu" ? undefined : { packages: ["chromium"], fromTrixie: [] };
}

const isBookworm = (os: OsRelease): boolean => os["VERSION_CODENAME"] === "bookworm";
