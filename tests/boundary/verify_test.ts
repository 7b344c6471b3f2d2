import assert from "node:assert/strict";
import { createProxy } from "../../boundary/proxy.ts";
import { verifyBoundary } from "../../boundary/verify.ts";
import type { Fetch } from "../../lib/ports.ts";
import { Problem } from "../../lib/problem.ts";
import { composeFile } from "../../templates/compose.ts";
import { STACK_PLAN } from "../fakes/stack_plan.ts";

const FOLDER = STACK_PLAN.hostFolder;
const FILE = `${FOLDER}/docker-compose.bigeye.yml`;
const URL_OF_PROXY = "http://docker-socket-proxy:2375";

/** An engine that says yes to everything, signed as the real one signs. */
const engine: Fetch = () =>
  Promise.resolve(new Response("{}", { headers: { "api-version": "1.41" } }));

const proxy = createProxy({ engine, log: () => {}, clock: { monotonic: () => 0 } });

/** Verifies a folder with these files, over this way to the proxy; time passes only while somebody sleeps. */
function verify(texts: Readonly<Record<string, string>>, fetch: Fetch): Promise<unknown> {
  let now = 0;
  return verifyBoundary({
    files: {
      readText: (path) => Promise.resolve(texts[path]),
      list: () => Promise.resolve(Object.keys(texts).map((path) => path.slice(FOLDER.length + 1))),
    },
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

Deno.test("an unchanged file and a proxy that keeps the policy give the verdict", async () => {
  assert.deepEqual(await verify(PINNED, proxy), { file: FILE, proxy: URL_OF_PROXY, probes: 42 });
});

Deno.test("the two containers start together, so a silent proxy is waited for", async () => {
  let silent = 3;
  const verdict = await verify(PINNED, (request) => {
    silent--;
    if (silent === 1) return Promise.resolve(new Response("{}", { status: 502 }));
    return silent < 0 ? proxy(request) : Promise.reject(new TypeError("connection refused"));
  });
  assert.deepEqual(verdict, { file: FILE, proxy: URL_OF_PROXY, probes: 42 });
});

Deno.test("a proxy that stays silent is a prerequisite that is missing", async () => {
  const silent: Fetch = () => Promise.reject(new TypeError("connection refused"));
  assert.deepEqual(await problemOf(verify(PINNED, silent)), {
    code: "proxy_silent",
    exit: "prerequisite",
    details: [],
  });
});

Deno.test("a folder without the compose file does not start", async () => {
  // Somebody removes the file, so that there is nothing to compare.
  const missing = { code: "boundary_missing", exit: "boundary", details: [] };
  assert.deepEqual(await problemOf(verify({}, proxy)), missing);
});

Deno.test("a changed file is shown as a difference before the proxy is asked anything", async () => {
  // Somebody opens exec in the file and has not restarted the proxy yet.
  const texts = { [FILE]: PINNED[FILE]!.replace('EXEC: "0"', 'EXEC: "1"') };
  const never: Fetch = () => assert.fail("the proxy was asked");
  const path = "services.docker-socket-proxy.environment.EXEC";
  assert.deepEqual(await problemOf(verify(texts, never)), {
    code: "boundary_changed",
    exit: "boundary",
    details: [{ path, message: '- expected "0"' }, { path, message: '+ found "1"' }],
  });
});

Deno.test("a variable file beside the pinned one is read too", async () => {
  // Somebody makes every `docker compose` in the folder read a second file.
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

Deno.test("a running proxy that lets a section through is caught, whatever the file says", async () => {
  // Somebody runs another proxy under the pinned name: it opens networks, and answers 403 for the engine.
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

Deno.test("the raw socket behind the proxy's name is caught by every probe", async () => {
  // Somebody forwards the proxy's port straight to the Docker socket.
  const { details } = await problemOf(verify(PINNED, engine)) as { details: readonly unknown[] };
  assert.equal(details.length, 2 * 39);
});
