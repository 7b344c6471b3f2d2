import assert from "node:assert/strict";
import {
  chromiumPackages,
  dockerPackages,
  goPackages,
  isDebianLike,
  parseOsRelease,
  trixieSource,
} from "../../../tools/setup/packages.ts";

const BOOKWORM = { ID: "debian", VERSION_CODENAME: "bookworm" };
const TRIXIE = { ID: "debian", VERSION_CODENAME: "trixie" };
const UBUNTU = { ID: "ubuntu", ID_LIKE: "debian", VERSION_CODENAME: "noble" };
const ALL = { engine: true, client: true, compose: true };

Deno.test("bookworm gets Compose V2 from trixie", () => {
  assert.deepEqual(dockerPackages(BOOKWORM, ALL), {
    packages: ["docker.io", "iptables", "ca-certificates"],
    fromTrixie: ["docker-compose"],
  });
});

Deno.test("trixie and Ubuntu use their own package of Compose V2", () => {
  assert.deepEqual(dockerPackages(TRIXIE, ALL), {
    packages: ["docker.io", "iptables", "ca-certificates", "docker-cli", "docker-compose"],
    fromTrixie: [],
  });
  assert.deepEqual(dockerPackages(UBUNTU, ALL), {
    packages: ["docker.io", "iptables", "ca-certificates", "docker-compose-v2"],
    fromTrixie: [],
  });
});

Deno.test("a part of Docker that is there already is not installed", () => {
  assert.deepEqual(dockerPackages(BOOKWORM, { engine: true, client: false, compose: false }), {
    packages: ["docker.io", "iptables", "ca-certificates"],
    fromTrixie: [],
  });
});

Deno.test("bookworm gets Go from trixie with all its packages, because its own is too old", () => {
  assert.deepEqual(goPackages(BOOKWORM), {
    packages: ["ca-certificates"],
    fromTrixie: ["golang-go", "golang-src", "golang-1.24-go", "golang-1.24-src"],
  });
  assert.deepEqual(goPackages(TRIXIE), { packages: ["golang-go"], fromTrixie: [] });
});

Deno.test("Chromium comes from Debian, and not from Ubuntu, whose package is a snap", () => {
  assert.deepEqual(chromiumPackages(TRIXIE), { packages: ["chromium"], fromTrixie: [] });
  assert.equal(chromiumPackages(UBUNTU), undefined);
});

Deno.test("only Debian and its derivatives count as Debian-like", () => {
  assert.deepEqual(
    [BOOKWORM, UBUNTU, parseOsRelease("ID=linuxmint\nID_LIKE=ubuntu\n")].map(isDebianLike),
    [true, true, true],
  );
  assert.equal(isDebianLike(parseOsRelease('ID=rocky\nID_LIKE="rhel fedora"\n')), false);
  assert.equal(isDebianLike({}), false);
});

Deno.test("the mirror is read from apt sources in the deb822 format", () => {
  const sources = [
    "Types: deb",
    "URIs: https://mirror.example/security",
    "Suites: bookworm-security",
    "Components: main",
    "",
    "Types: deb",
    "# a remark",
    "URIs: https://mirror.example/debian",
    "Suites: bookworm bookworm-updates",
    "Components: main contrib",
    "Signed-By: /etc/keys/company.gpg",
  ].join("\n");
  assert.equal(
    trixieSource(sources, "bookworm"),
    "Types: deb\nURIs: https://mirror.example/debian\nSuites: trixie\nComponents: main\n" +
      "Signed-By: /etc/keys/company.gpg\n",
  );
});

Deno.test("the mirror is read from apt sources in the one-line format, with or without options", () => {
  const expected =
    "Types: deb\nURIs: https://mirror.example/debian\nSuites: trixie\nComponents: main\n" +
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
  for (const options of ["", "[arch=amd64] "]) {
    const line = `deb ${options}https://mirror.example/debian bookworm main contrib`;
    assert.equal(trixieSource(`# deb cdrom\n${line}\n`, "bookworm"), expected);
  }
});

Deno.test("another vendor's apt source is not used as Debian's archive", () => {
  assert.equal(trixieSource("deb https://vendor.example/apt stable main\n", "bookworm"), undefined);
});
