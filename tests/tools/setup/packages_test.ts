import assert from "node:assert/strict";
import {
  chromiumPackages,
  dockerPackages,
  goPackages,
  haproxyPackages,
  postgresPackages,
} from "../../../tools/setup/packages.ts";

const BOOKWORM = { ID: "debian", VERSION_CODENAME: "bookworm" };
const TRIXIE = { ID: "debian", VERSION_CODENAME: "trixie" };
const UBUNTU = { ID: "ubuntu", ID_LIKE: "debian", VERSION_CODENAME: "noble" };
const ALL = { engine: true, client: true, compose: true };

Deno.test("Compose V2 for bookworm comes from trixie, by name", () => {
  assert.deepEqual(dockerPackages(BOOKWORM, ALL), {
    packages: ["docker.io", "iptables", "ca-certificates"],
    fromTrixie: ["docker-compose"],
  });
});

Deno.test("trixie and Ubuntu have Compose V2 themselves", () => {
  assert.deepEqual(dockerPackages(TRIXIE, ALL), {
    packages: ["docker.io", "iptables", "ca-certificates", "docker-cli", "docker-compose"],
    fromTrixie: [],
  });
  assert.deepEqual(dockerPackages(UBUNTU, ALL), {
    packages: ["docker.io", "iptables", "ca-certificates", "docker-compose-v2"],
    fromTrixie: [],
  });
});

Deno.test("what is there already is not installed", () => {
  assert.deepEqual(dockerPackages(BOOKWORM, { engine: true, client: false, compose: false }), {
    packages: ["docker.io", "iptables", "ca-certificates"],
    fromTrixie: [],
  });
});

Deno.test("bookworm's own Go is too old, and a newer one is named whole", () => {
  assert.deepEqual(goPackages(BOOKWORM), {
    packages: ["ca-certificates"],
    fromTrixie: ["golang-go", "golang-src", "golang-1.24-go", "golang-1.24-src"],
  });
  assert.deepEqual(goPackages(TRIXIE), { packages: ["golang-go"], fromTrixie: [] });
});

Deno.test("Postgres comes without a server being set up", () => {
  assert.deepEqual(postgresPackages(), {
    packages: ["postgresql"],
    fromTrixie: [],
    settings: { "/etc/postgresql-common/createcluster.conf": "create_main_cluster = false\n" },
    idle: ["postgresql"],
  });
});

Deno.test("HAProxy and Chromium are the distribution's own, where it has them", () => {
  assert.deepEqual(haproxyPackages(), { packages: ["haproxy"], fromTrixie: [], idle: ["haproxy"] });
  assert.deepEqual(chromiumPackages(TRIXIE), { packages: ["chromium"], fromTrixie: [] });
  assert.equal(chromiumPackages(UBUNTU), undefined);
});
