/** Limits of reading forms: size, time, concurrency, and origin. */

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

/** Returns the status and the text of the page. */
async function shown(answer: Response | Promise<Response>): Promise<[number, string]> {
  const { status } = await answer;
  const [, main = ""] = /<main[^>]*>(.*)<\/main>/s.exec(await (await answer).text()) ?? [];
  return [status, wordsOf(main)];
}

const TOO_LONG: [number, string] = [
  413,
  "Too large Cannot accept the request: its body is larger than 64 KiB. Go back and shorten it.",
];

/** A body of 2,000 pieces that counts how many were read. */
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

// Attacker: a client without a session posts a body that would fill the memory, with our origin.
Deno.test("a form with a Content-Length over 64 KiB is not read at all", async () => {
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

Deno.test("a form without a Content-Length is read up to 64 KiB", async () => {
  await using pages = await testPages();
  for (const path of ["/sign-in", `${JOBS}/new`]) {
    const { body, read } = counted("a".repeat(KIB));
    assert.deepEqual(await shown(sent(pages, path, { body })), TOO_LONG);
    assert.equal(read.pieces, 65);
  }
});

// Attacker: a short form in which each byte would become an object.
Deno.test("a form of more than 200 fields is refused before it is parsed", async () => {
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

Deno.test("a form of another origin, of another type or for no page is not read at all", async () => {
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

// Attacker: a client opens many requests and never finishes them.
Deno.test("a form that does not arrive within 10 s gets 408, and its connection is closed", async () => {
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

// Attacker: a client fills all places with unfinished forms, so that others of the network cannot sign in.
Deno.test("at most 16 forms of a network are read at once; another one replaces the oldest", async () => {
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

// Attacker: a client sends from many networks.
Deno.test("at most 128 forms of all networks are read at once; another one replaces the oldest", async () => {
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

// Attacker: a member's script sends unfinished forms in its session.
Deno.test("at most 16 forms of one key are read at once, and forms of other keys do not wait", async () => {
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
