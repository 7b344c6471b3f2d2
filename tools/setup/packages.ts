/** Decides which packages of Debian or Ubuntu to install, and from which release. */

export interface Lacking {
  readonly engine: boolean;
  readonly client: boolean;
  readonly compose: boolean;
}

export interface Plan {
  readonly packages: readonly string[];
  /** Packages that this release lacks. Only these come from trixie. */
  readonly fromTrixie: readonly string[];
  /** Files that configure package scripts. They are written if missing, and stay. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Services of the packages that must not run, not even after a reboot. */
  readonly idle?: readonly string[];
}

/** Plans the packages of the missing parts of Docker. */
export function dockerPackages(os: OsRelease, lacking: Lacking): Plan {
  const bookworm = isBookworm(os);
  const ubuntu = os["ID"] === "ubuntu";
  const engine = lacking.engine ? ["docker.io", "iptables", "ca-certificates"] : [];
  // In bookworm and Ubuntu the package of the engine contains the client.
  const client = !lacking.client ? [] : bookworm || ubuntu ? ["docker.io"] : ["docker-cli"];
  const packages = [...new Set([...engine, ...client])];
  if (!lacking.compose) return { packages, fromTrixie: [] };
  // The docker-compose of bookworm is the legacy version 1.
  if (bookworm) return { packages, fromTrixie: ["docker-compose"] };
  return {
    packages: [...packages, ubuntu ? "docker-compose-v2" : "docker-compose"],
    fromTrixie: [],
  };
}

/** Plans a Go from 1.21 on, which can fetch the newer Go that Temporal needs. */
export function goPackages(os: OsRelease): Plan {
  if (!isBookworm(os)) return { packages: ["golang-go"], fromTrixie: [] };
  const fromTrixie = ["golang-go", "golang-src", "golang-1.24-go", "golang-1.24-src"];
  return { packages: ["ca-certificates"], fromTrixie };
}

/** pip, which only fetches files. */
export const PIP_PACKAGES: Plan = {
  packages: ["python3-pip", "ca-certificates"],
  fromTrixie: [],
};

/** The programs of the release's Postgres. Without the setting the package would create a server. */
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

export function pgbouncerPackages(): Plan {
  return { packages: ["pgbouncer"], fromTrixie: [], idle: ["pgbouncer"] };
}

/** Ubuntu's package only installs a snap, which needs a running systemd. */
export function chromiumPackages(os: OsRelease): Plan | undefined {
  return os["ID"] === "ubuntu" ? undefined : { packages: ["chromium"], fromTrixie: [] };
}

const isBookworm = (os: OsRelease): boolean => os["VERSION_CODENAME"] === "bookworm";

/** Fields of /etc/os-release. */
export type OsRelease = Readonly<Record<string, string>>;

export function parseOsRelease(text: string): OsRelease {
  const fields = text.split("\n").map((line) => /^([A-Z_]+)="?(.*?)"?$/.exec(line));
  return Object.fromEntries(fields.flatMap((match) => match ? [[match[1], match[2]]] : []));
}

export function isDebianLike({ ID = "", ID_LIKE = "" }: OsRelease): boolean {
  return [ID, ...ID_LIKE.split(" ")].some((id) => id === "debian" || id === "ubuntu");
}

/**
 * Makes a deb822 source for trixie on the mirror that the apt sources name, in either format; `undefined` if
 * none of them is Debian's main archive.
 */
export function trixieSource(sources: string, codename: string): string | undefined {
  const mirror = deb822Mirror(sources, codename) ?? oneLineMirror(sources, codename);
  if (mirror === undefined) return undefined;
  const { uri, signedBy } = mirror;
  return [
    "Types: deb",
    `URIs: ${uri}`,
    "Suites: trixie",
    "Components: main",
    `Signed-By: ${signedBy ?? "/usr/share/keyrings/debian-archive-keyring.gpg"}`,
    "",
  ].join("\n");
}

/** Installs packages from trixie only if they are named. */
export const TRIXIE_PREFERENCES = "Package: *\nPin: release n=trixie\nPin-Priority: 100\n";

interface Mirror {
  readonly uri: string;
  readonly signedBy?: string;
}

function deb822Mirror(sources: string, codename: string): Mirror | undefined {
  const stanzas = sources.split(/\n\s*\n/).map((stanza) =>
    new Map(
      stanza.split("\n").flatMap((line) => {
        const [, key, value] = /^([A-Za-z-]+):\s*(.+)$/.exec(line) ?? [];
        return key && value ? [[key.toLowerCase(), value.trim()] as const] : [];
      }),
    )
  );
  const main = stanzas.find((fields) =>
    fields.get("suites")?.split(/\s+/).includes(codename) &&
    fields.get("components")?.split(/\s+/).includes("main")
  );
  const uri = main?.get("uris")?.split(/\s+/)[0];
  const signedBy = main?.get("signed-by");
  return uri === undefined ? undefined : { uri, ...(signedBy && { signedBy }) };
}

function oneLineMirror(sources: string, codename: string): Mirror | undefined {
  const line = new RegExp(`^deb\\s+(?:\\[.*?\\]\\s+)?(\\S+)\\s+${codename}\\s.*\\bmain\\b`, "m");
  const uri = line.exec(sources)?.[1];
  return uri === undefined ? undefined : { uri };
}
