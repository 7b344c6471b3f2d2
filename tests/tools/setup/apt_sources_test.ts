import assert from "node:assert/strict";
import { isDebianLike, parseOsRelease, trixieSource } from "../../../tools/setup/apt_sources.ts";

const BOOKWORM = parseOsRelease('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
const UBUNTU = parseOsRelease('ID=ubuntu\nID_LIKE="debian"\nVERSION_CODENAME=noble\n');

Deno.test("only Debian and what is made from it counts as such", () => {
  assert.deepEqual(
    [BOOKWORM, UBUNTU, parseOsRelease("ID=linuxmint\nID_LIKE=ubuntu\n")].map(isDebianLike),
    [true, true, true],
  );
  assert.equal(isDebianLike(parseOsRelease('ID=rocky\nID_LIKE="rhel fedora"\n')), false);
  assert.equal(isDebianLike({}), false);
});

Deno.test("the mirror is the one that the machine uses, from the newer format", () => {
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

Deno.test("the mirror is found in the one-line format too, with options or without", () => {
  const expected =
    "Types: deb\nURIs: https://mirror.example/debian\nSuites: trixie\nComponents: main\n" +
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
  for (const options of ["", "[arch=amd64] "]) {
    const line = `deb ${options}https://mirror.example/debian bookworm main contrib`;
    assert.equal(trixieSource(`# deb cdrom\n${line}\n`, "bookworm"), expected);
  }
});

Deno.test("another vendor's source is not taken for Debian's archive", () => {
  assert.equal(trixieSource("deb https://vendor.example/apt stable main\n", "bookworm"), undefined);
});
