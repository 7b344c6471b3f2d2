/** What is read of a form, and when: little, for a short time, few at once, and never from a stranger's page. */

import assert from "node:assert/strict";
import { wordsOf } from "../../../fakes/control_plane/html.ts";
import { ORIGIN, type TestPages, testPages } from "../../../fakes/control_plane/pages.ts";

const JOBS = "/settings/agents/jobs";
const KIB = 1_024;

interface Sending {
  readonly body: BodyInit;
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function sent(pages: TestPages, path: string, { body, from, headers = {} }: Sending) {
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const request = new Request(`${ORIGIN}${path}`, {
    method: "POST",
    headers: { origin: ORIGIN, ...type, ...headers },
    body,
  });
  return pages.fetch(request, from);
}

/** Status, and the words of the page. */
async function shown(answer: Response | Promise<Response>): Promise<[number, string]> {
  const { status } = await answer;
  const [, main = ""] = /<main[^>]*>(.*)<\/main>/s.exec(await (await answer).text()) ?? [];
  return [status, wordsOf(main)];
}

const TOO_LONG: [number, string] = [
  413,
  "Too large Cannot accept the request: its body is larger than 64 KiB. Go back and shorten it.",
];

/** A body of 2,000 pieces that counts how many of them were asked for. */
function counted(piece: string) {
  const bytes = new TextEncoder().encode(piece);
  const read = { pieces: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytes);
      if (++read.pieces === 2_000) controller.close();
    },
  }, { highWaterMark: 0 });
  return { body, read };
}

/** A body that never ends; `isAsked` resolves once it is read. */
function endless() {
  const asked = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    pull() {
      asked.resolve();
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
  return { body, isAsked: asked.promise };
}

// A stranger posts what would fill the memory, with a page's own address as the origin.
Deno.test("of a form that is stated to be longer than 64 KiB nothing is read", async () => {
  await using pages = await testPages();
  const { cookie } = await pages.signedIn("admin");
  for (const path of ["/sign-in", `${JOBS}/new`, "/settings/keys", "/settings/people"]) {
    for (const headers of [{}, { cookie }]) {
      const { body, read } = counted("a&");
      const stated = { ...headers, "content-length": String(64 * KIB + 1) };
      const answer = await shown(sent(pages, path, { body, headers: stated }));
      assert.deepEqual([path, answer, read.pieces], [path, TOO_LONG, 0]);
    }
  }
});

Deno.test("a form without a stated length is read up to 64 KiB", async () => {
  await using pages = await testPages();
  for (const path of ["/sign-in", `${JOBS}/new`]) {
    const { body, read } = counted("a".repeat(KIB));
    assert.deepEqual(await shown(sent(pages, path, { body })), TOO_LONG);
    assert.equal(read.pieces, 65);
  }
});

// The stranger sends a form that is short, and of which each byte would become an object.
Deno.test("a form of more than 200 fields is refused before they are taken apart", async () => {
  await using pages = await testPages();
  const { cookie } = await pages.signedIn("admin");
  const many = "a&".repeat(32 * KIB);
  const kept = new URLSearchParams({ key: pages.keys.admin, sent: "a&".repeat(2 * KIB) });
  const cases: [string, BodyInit, Record<string, string>][] = [
    ["/sign-in", many, {}],
    [`${JOBS}/new`, many, {}],
    [`${JOBS}/new`, many, { cookie }],
    [`${JOBS}/new`, kept, { cookie }],
  ];
  for (const [path, body, headers] of cases) {
    assert.deepEqual(await shown(sent(pages, path, { body, headers })), [
      413,
      "Too large Cannot accept this form: it has more than 200 fields. Submit the form on its page.",
    ]);
  }
  const most = new URLSearchParams(Array.from({ length: 200 }, () => ["key", "?"]));
  assert.equal((await sent(pages, "/sign-in", { body: most })).status, 401);
});

Deno.test("a form from elsewhere, of another type or for no page is not read at all", async () => {
  await using pages = await testPages();
  const cases: [number, string, Record<string, string>][] = [
    [403, "/sign-in", { origin: "https://evil.test" }],
    [415, "/sign-in", { "content-type": "multipart/form-data; boundary=x" }],
    [303, `${JOBS}/new`, { origin: "https://evil.test" }],
    [415, `${JOBS}/new`, { "content-type": "text/plain" }],
    [303, "/sign-out", {}],
    [303, `${JOBS}/some-job/runs`, {}],
    [404, "/nothing", {}],
  ];
  for (const [status, path, headers] of cases) {
    const { body, read } = counted("a&");
    const answer = await sent(pages, path, { body, headers });
    assert.deepEqual([path, answer.status, read.pieces], [path, status, 0]);
    await answer.body?.cancel();
  }
});

// The stranger opens many requests and never finishes them.
Deno.test("a form that does not arrive within 10 s is 408, and its connection is closed", async () => {
  await using pages = await testPages();
  const { body, isAsked } = endless();
  const answer = sent(pages, "/sign-in", { body });
  await isAsked;
  pages.clock.advance(10_000);
  assert.equal((await answer).headers.get("connection"), "close");
  assert.deepEqual(await shown(answer), [
    408,
    "Invalid request Cannot accept the request: its body did not arrive within 10 s. Go back and submit it again.",
  ]);
});

// The stranger fills all places with unfinished forms, so that others of the network cannot sign in.
Deno.test("of a network 16 forms are read at once; one more takes the place of the slowest", async () => {
  await using pages = await testPages();
  const open = [];
  for (let n = 0; n < 16; n++) {
    const { body, isAsked } = endless();
    open.push(sent(pages, "/sign-in", { body, from: `2001:db8::${n}` }));
    await isAsked;
  }
  const others = await sent(pages, "/sign-in", { body: "key=?", from: "2001:db8:0:1::1" });
  assert.equal(others.status, 401);
  const body = new URLSearchParams({ key: pages.keys.admin });
  const own = await sent(pages, "/sign-in", { body, from: "2001:db8::ffff" });
  assert.equal(own.status, 303);
  const [first, ...rest] = open;
  assert.ok(first);
  assert.equal((await first).headers.get("connection"), "close");
  assert.deepEqual(await shown(first), [
    429,
    "Too many requests Cannot accept this form: you or your network sent too many others at the same time. " +
    "Go back and submit it again.",
  ]);
  pages.clock.advance(10_000);
  const statuses = await Promise.all(rest.map(async (answer) => (await shown(answer))[0]));
  assert.deepEqual(statuses, Array(15).fill(408));
});

// The stranger has a whole range of networks to send from.
Deno.test("of all networks 128 forms are read at once; one more takes the place of the slowest", async () => {
  await using pages = await testPages();
  const open = [];
  for (let n = 0; n < 128; n++) {
    const { body, isAsked } = endless();
    open.push(sent(pages, `${JOBS}/new`, { body, from: `198.51.100.${n}` }));
    await isAsked;
  }
  const signedIn = await pages.signedIn("admin");
  assert.equal((await signedIn.post("/settings/keys", { name: "n" })).status, 200);
  assert.ok(open[0]);
  assert.equal((await open[0]).headers.get("connection"), "close");
  assert.deepEqual(await shown(open[0]), [
    503,
    "Something went wrong Cannot accept this form: the control plane is reading too many others. " +
    "Go back and submit it again.",
  ]);
  assert.deepEqual(pages.complaints, ["warn requests fail: forms_busy"]);
  pages.clock.advance(10_000);
  await Promise.all(open.slice(1).map(async (answer) => await (await answer).text()));
});

// A member's script sends unfinished forms in the session that it has.
Deno.test("of one key 16 forms are read at once, and others are not kept waiting", async () => {
  await using pages = await testPages();
  const { cookie } = await pages.signedIn("member");
  const open = [];
  for (let n = 0; n < 17; n++) {
    const { body, isAsked } = endless();
    open.push(sent(pages, "/settings/keys", { body, headers: { cookie } }));
    await isAsked;
  }
  assert.equal((await shown(open[0]!))[0], 429);
  const admin = await pages.signedIn("admin");
  assert.equal((await admin.post("/settings/keys", { name: "n" })).status, 200);
  pages.clock.advance(10_000);
  await Promise.all(open.slice(1).map(async (answer) => await (await answer).text()));
});
