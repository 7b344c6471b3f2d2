/** What a Debian or Ubuntu says about itself: its release, and the mirror that it installs from. */

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
 * A deb822 source for trixie on the mirror that this machine uses already, from the text of its apt
 * sources (both formats); `undefined` when none of them is Debian's main archive.
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

/** Nothing comes from trixie unless it is asked for by name. */
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
