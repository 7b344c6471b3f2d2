/** Pages of lists: each entry appears once while others are added and removed, and foreign cursors are refused. */

import assert from "node:assert/strict";
import { bigeyeClient } from "../../../lib/bigeye/client.ts";
import { Secret } from "../../../lib/crypto/secret.ts";
import {
  ANY,
  ORCHESTRATOR,
  refusal,
  type TestPlane,
  testPlane,
} from "../../fakes/control_plane/plane.ts";

const HOSTS = `${ORCHESTRATOR}/hosts`;
const JOBS = `${ORCHESTRATOR}/jobs`;

type Entry = Readonly<Record<string, string>>;

/** Reads all pages. Returns one field of all entries by page. Calls `between` after each page. */
async function walked(
  plane: TestPlane,
  path: string,
  { list, field, between = () => Promise.resolve() }: {
    readonly list: string;
    readonly field: string;
    readonly between?: (page: readonly Entry[]) => Promise<void>;
  },
): Promise<readonly (readonly (string | undefined)[])[]> {
  const pages: (string | undefined)[][] = [];
  for (let query = "";;) {
    const { status, body } = await plane.call("GET", `${path}${query}`, { as: "member" });
    assert.equal(status, 200);
    const entries: readonly Entry[] = body[list];
    pages.push(entries.map((entry) => entry[field]));
    const { nextCursor } = body.paginationInfo;
    if (nextCursor === undefined) return pages;
    query = `${path.includes("?") ? "&" : "?"}pageCursor=${nextCursor}`;
    await between(entries);
  }
}

Deno.test("hosts are paged by id, and none is missing if others register meanwhile", async () => {
  await using plane = await testPlane();
  for (const id of ["h-3", "h-1", "h-5", "h-2", "h-4"]) await plane.addHost(id);
  let number = 0;
  const pages = await walked(plane, `${HOSTS}?pageSize=2`, {
    list: "hosts",
    field: "hostId",
    between: () => plane.addHost(`a-${number++}`),
  });
  assert.deepEqual(pages, [["h-1", "h-2"], ["h-3", "h-4"], ["h-5"]]);
});

Deno.test("jobs are paged by name, and none is skipped or repeated if others are added or deleted", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  // Several jobs may have the same name. Their ids distinguish them.
  for (const name of ["d", "b", "b", "b", "c", 'a "quoted" näme']) await plane.addJob({ name });
  const seen: Entry[] = [];
  const pages = await walked(plane, `${JOBS}?pageSize=2`, {
    list: "jobs",
    field: "name",
    async between(page) {
      seen.push(...page);
      // Deletes the job that the cursor names, and adds one before it.
      await plane.call("DELETE", `${JOBS}/${page.at(-1)?.["id"]}`, { headers: ANY });
      await plane.addJob({ name: "0" });
    },
  });
  assert.deepEqual(pages, [['a "quoted" näme', "b"], ["b", "b"], ["c", "d"]]);
  assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length);
});

Deno.test("a page has 50 entries by default, and the last page has no cursor", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  for (let number = 0; number < 51; number++) await plane.addJob({ name: `job ${number}` });
  const lengths = async (path: string) =>
    (await walked(plane, path, { list: "jobs", field: "id" })).map(({ length }) => length);
  assert.deepEqual(await lengths(JOBS), [50, 1]);
  assert.deepEqual(await lengths(`${JOBS}?pageSize=51`), [51]);
  assert.deepEqual(await lengths(`${JOBS}?pageSize=17`), [17, 17, 17]);
  assert.deepEqual(await lengths(`${JOBS}?pageSize=200`), [51]);
});

Deno.test("jobs are filtered by host and agent type, across pages", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.addHost("h-2");
  const datahealth = { agent_type: "datahealth", parameters: { file_name: "a.yml" } };
  for (const name of ["1", "2", "3"]) {
    await plane.addJob({ name });
    await plane.addJob({ name, host_id: "h-2" });
    await plane.addJob({ name, ...datahealth });
  }
  const found = async (query: string) =>
    (await walked(plane, `${JOBS}?pageSize=2&${query}`, { list: "jobs", field: "name" })).flat();
  assert.deepEqual(await found("host=h-2"), ["1", "2", "3"]);
  assert.deepEqual(await found("agent_type=datahealth"), ["1", "2", "3"]);
  assert.deepEqual(await found("host=h-1&agent_type=lineage"), ["1", "2", "3"]);
  assert.deepEqual(await found("host=h-1"), ["1", "1", "2", "2", "3", "3"]);
  assert.deepEqual(await found("host=nowhere"), []);
});

// Attacker: sends made-up cursors, or those of another list, to the store.
Deno.test("a cursor of another list and a made-up cursor are 422", async () => {
  await using plane = await testPlane();
  await plane.addHost("h-1");
  await plane.addHost("h-2");
  const { body } = await plane.call("GET", `${HOSTS}?pageSize=1`);
  const encoded = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const foreign = [
    body.paginationInfo.nextCursor,
    "AAAA",
    "%25",
    "",
    encoded(["jobs", ["a"]]),
    encoded(["jobs", ["a", 3]]),
    encoded(["jobs", ["a", "b", "c"]]),
    encoded(["jobs", ["a", null]]),
    encoded("jobs"),
  ];
  for (const cursor of foreign) {
    const answer = await plane.call("GET", `${JOBS}?pageCursor=${cursor}`);
    assert.deepEqual(refusal(answer), {
      status: 422,
      code: "invalid_input",
      paths: ["pageCursor"],
    });
  }
  const wrong = ["pageSize=0", "pageSize=201", "pageSize=1e1", "state=online"];
  for (const query of [...wrong, "pageSize=1&pageSize=2"]) {
    const answer = await plane.call("GET", `${HOSTS}?${query}`);
    assert.deepEqual([answer.status, refusal(answer).code], [422, "invalid_input"]);
  }
});

Deno.test("a list of hosts without a page size has all hosts, which is what a host's client reads", async () => {
  await using plane = await testPlane();
  const ids = Array.from({ length: 220 }, (_, number) => `h-${String(number).padStart(3, "0")}`);
  for (const id of ids) await plane.addHost(id);
  const client = bigeyeClient({
    url: "http://plane.test",
    key: new Secret(plane.keys.admin),
    keyName: "Personal API Key",
    fetch: plane.fetch,
    clock: plane.clock,
  });
  assert.deepEqual((await client.hosts()).map(({ hostId }) => hostId), ids);
});
