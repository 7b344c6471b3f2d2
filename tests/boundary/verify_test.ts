/** `serve` does not start with a changed file, a proxy that allows too much, or a container of another file. */

import assert from "node:assert/strict";
import { createProxy } from "../../boundary/proxy.ts";
import { verifyBoundary, verifyOnDisk } from "../../boundary/verify.ts";
import type { Fetch } from "../../lib/ports.ts";
import { Problem } from "../../lib/problems/problem.ts";
import { composeFile } from "../../templates/compose.ts";
import { memoryFiles } from "../fakes/system/memory_files.ts";
import { STACK_PLAN } from "../fakes/host/stack_plan.ts";

const FOLDER = STACK_PLAN.hostFolder;
const FILE = `${FOLDER}/docker-compose.bigeye.yml`;
const URL_OF_PROXY = "http://docker-socket-proxy:2375";

/** An engine that allows everything, sets its own header, and has these containers by their ids. */
function engineWith(containers: Readonly<Record<string, unknown>>): Fetch {
  return (request) => {
    const { pathname } = new URL(request.url);
    const list = Object.keys(containers).map((Id) => ({ Id }));
    const id = pathname.split("/")[2] ?? "";
    const answer = pathname === "/containers/json" ? list : containers[id] ?? {};
    return Promise.resolve(Response.json(answer, { headers: { "api-version": "1.41" } }));
  };
}

const engine = engineWith({});

const proxyTo = (engine: Fetch): Fetch =>
  createProxy({ engine, log: () => {}, clock: { monotonic: () => 0 } });

const proxy = proxyTo(engine);

/** Verifies a folder with these files through this fetch. Time passes only during sleeps. */
function verify(texts: Readonly<Record<string, string>>, fetch: Fetch): Promise<unknown> {
  let now = 0;
  return verifyBoundary({
    files: memoryFiles(texts),
    fetch,
    clock: {
      monotonic: () => now,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
  }, { folder: FOLDER, url: URL_OF_PROXY, signal: new AbortController().signal });
}

async function problemOf(verified: Promise<unknown>): Promise<unknown> {
  const error = await verified.then(() => assert.fail("it was accepted"), (thrown) => thrown);
  if (!(error instanceof Problem)) throw error;
  return { code: error.code, exit: error.exit, details: error.details };
}

const PINNED = { [FILE]: composeFile(STACK_PLAN) };

Deno.test("an unchanged file and a proxy that enforces the policy are accepted", async () => {
  assert.deepEqual(await verify(PINNED, proxy), {
    file: FILE,
    proxy: URL_OF_PROXY,
    probes: 42,
    containers: 0,
  });
});

Deno.test("a silent proxy is waited for, because both containers start together", async () => {
  let silent = 3;
  const verdict = await verify(PINNED, (request) => {
    silent--;
    if (silent === 1) return Promise.resolve(new Response("{}", { status: 502 }));
    return silent < 0 ? proxy(request) : Promise.reject(new TypeError("connection refused"));
  });
  assert.deepEqual(verdict, { file: FILE, proxy: URL_OF_PROXY, probes: 42, containers: 0 });
});

Deno.test("a proxy that never answers is a missing prerequisite", async () => {
  const silent: Fetch = () => Promise.reject(new TypeError("connection refused"));
  assert.deepEqual(await problemOf(verify(PINNED, silent)), {
    code: "proxy_silent",
    exit: "prerequisite",
    details: [],
  });
});

Deno.test("without the compose file the service does not start", async () => {
  // Attacker: removes the file, so that there is nothing to compare.
  const missing = { code: "boundary_missing", exit: "boundary", details: [] };
  assert.deepEqual(await problemOf(verify({}, proxy)), missing);
});

Deno.test("a changed file is reported before any request to the proxy", async () => {
  // Attacker: opens exec in the file, and has not restarted the proxy yet.
  const texts = { [FILE]: PINNED[FILE]!.replace('EXEC: "0"', 'EXEC: "1"') };
  const never: Fetch = () => assert.fail("the proxy was asked");
  const path = "services.docker-socket-proxy.environment.EXEC";
  assert.deepEqual(await problemOf(verify(texts, never)), {
    code: "boundary_changed",
    exit: "boundary",
    details: [{ path, message: '- expected "0"' }, { path, message: '+ found "1"' }],
  });
});

Deno.test("a variable file next to the compose file is checked too", async () => {
  // Attacker: makes every `docker compose` in the folder read a second file.
  const texts = { ...PINNED, [`${FOLDER}/.env`]: "COMPOSE_FILE=a.yml:b.yml" };
  assert.deepEqual(await problemOf(verify(texts, proxy)), {
    code: "boundary_changed",
    exit: "boundary",
    details: [
      { path: ".env", message: "- expected no COMPOSE_FILE" },
      { path: ".env", message: "+ found COMPOSE_FILE" },
    ],
  });
});

Deno.test("the orchestrator starts if it may not read a variable file", async () => {
  const files = memoryFiles(PINNED);
  const readBytes = () => Promise.reject(new Error("permission denied"));
  assert.equal(await verifyOnDisk({ ...files, readBytes }, FOLDER), PINNED[FILE]);
});

Deno.test("a running proxy that allows a closed section is reported, also with an unchanged file", async () => {
  // Attacker: runs another proxy under the pinned name, which opens networks and passes on the engine's 403.
  const leaky: Fetch = (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/networks") return engine(request);
    if (pathname !== "/volumes") return proxy(request);
    return Promise.resolve(
      new Response("{}", { status: 403, headers: { "api-version": "1.41" } }),
    );
  };
  assert.deepEqual(await problemOf(verify(PINNED, leaky)), {
    code: "boundary_leaks",
    exit: "boundary",
    details: [
      { path: "GET /networks", message: "- expected 403 of the proxy" },
      { path: "GET /networks", message: "+ found 200 of the engine" },
      { path: "GET /volumes", message: "- expected 403 of the proxy" },
      { path: "GET /volumes", message: "+ found 403 of the engine" },
    ],
  });
});

Deno.test("the raw socket under the proxy's name fails every probe", async () => {
  // Attacker: forwards the proxy's port straight to the Docker socket.
  const { details } = await problemOf(verify(PINNED, engine)) as { details: readonly unknown[] };
  assert.equal(details.length, 2 * 39);
});

/** The engine's description of a proxy container that was made from the pinned file. */
const CONTAINER = {
  Config: {
    Cmd: ["socket-proxy"],
    Env: ["PATH=/", ...Object.entries(STACK_PLAN.proxyFlags).map((flag) => flag.join("="))],
    Labels: { "com.docker.compose.project.config_files": FILE },
  },
  HostConfig: {
    Privileged: false,
    ReadonlyRootfs: true,
    CapAdd: null,
    CapDrop: ["ALL"],
    PortBindings: {},
  },
  Mounts: [{ Destination: "/var/run/docker.sock" }],
  NetworkSettings: { Networks: { "bigeye-agent_orchestrator-internal": {} } },
};

Deno.test("the proxy's own container is compared with the file", async () => {
  const verdict = { file: FILE, proxy: URL_OF_PROXY, probes: 42, containers: 1 };
  assert.deepEqual(await verify(PINNED, proxyTo(engineWith({ abc: CONTAINER }))), verdict);
});

Deno.test("a second compose file is found in the container that was made from it", async () => {
  // Attacker: starts the stack with `-f` twice. The second file, in another folder, gives the proxy another
  // network and a port, so that agents and other hosts reach it. Policy and pinned file are unchanged.
  const container = {
    ...CONTAINER,
    Config: {
      ...CONTAINER.Config,
      Labels: { "com.docker.compose.project.config_files": `${FILE},/tmp/more.yml` },
    },
    HostConfig: { ...CONTAINER.HostConfig, PortBindings: { "2375/tcp": [{ HostPort: "2375" }] } },
    NetworkSettings: {
      Networks: { ...CONTAINER.NetworkSettings.Networks, "bigeye-agent_default": {} },
    },
  };
  const files = "container.Labels.com.docker.compose.project.config_files";
  const ports = "container.PortBindings.2375/tcp";
  assert.deepEqual(await problemOf(verify(PINNED, proxyTo(engineWith({ abc: container })))), {
    code: "proxy_replaced",
    exit: "boundary",
    details: [
      { path: files, message: "- expected docker-compose.bigeye.yml" },
      { path: files, message: `+ found ${FILE},/tmp/more.yml` },
      { path: ports, message: "- expected nothing" },
      { path: ports, message: '+ found [{"HostPort":"2375"}]' },
      { path: "container.Networks.1", message: "- expected nothing" },
      { path: "container.Networks.1", message: '+ found "bigeye-agent_default"' },
    ],
  });
});
