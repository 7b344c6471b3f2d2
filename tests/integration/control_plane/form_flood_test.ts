/** Floods of forms without a session, sent to a control plane in a separate process to measure its memory. */

import assert from "node:assert/strict";
import { type RawAnswer, rawRequest, rawStart } from "../../fakes/system/raw_http.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { startPlaneAlone } from "./plane_alone.ts";

const MIB = 1_048_576;
/**
 * Twenty accepted forms of a mebibyte once took 1,827 MiB. Refused ones take 100 to 160 MiB. The exact number
 * depends on when the garbage is collected.
 */
const MOST_GROWTH_MIB = 300;

interface Attacked {
  readonly url: string;
  readonly adminKey: string;
  post(path: string, body: Uint8Array, chunked?: boolean): Promise<RawAnswer>;
}

/** Runs the attacks on one control plane, and checks the growth of its memory after each. */
async function attacked(
  attacks: Readonly<Record<string, (plane: Attacked) => Promise<void>>>,
  { step }: Deno.TestContext,
): Promise<void> {
  await inFolder(async (folder) => {
    await using plane = await startPlaneAlone(`${folder}/data`);
    const url = `http://${plane.address}`;
    const adminKey = (await Deno.readTextFile(`${folder}/data/admin.key`)).trim();
    assert.equal((await rawRequest(url, getting("/sign-in", url))).status, 200);
    const before = mostMiB(plane.pid);
    for (const [name, attack] of Object.entries(attacks)) {
      await step(name, async () => {
        await attack({
          url,
          adminKey,
          post: (path, body, isChunked = false) => {
            const length = isChunked
              ? "Transfer-Encoding: chunked"
              : `Content-Length: ${body.length}`;
            return rawRequest(url, [...posting(path, url), length], body);
          },
        });
        const growth = mostMiB(plane.pid) - before;
        assert.ok(growth < MOST_GROWTH_MIB, `took ${growth} MiB`);
      });
    }
  });
}

/** Returns the peak memory of the process. */
function mostMiB(pid: number): number {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kib) / 1_024;
}

const getting = (path: string, url: string) => [
  `GET ${path} HTTP/1.1`,
  `Host: ${new URL(url).host}`,
];

const posting = (path: string, url: string) => [
  `POST ${path} HTTP/1.1`,
  `Host: ${new URL(url).host}`,
  `Origin: ${url}`,
  "Content-Type: application/x-www-form-urlencoded",
];

/** Checks ten times that the control plane is healthy while the work is in progress. */
async function healthyDuring<T>(url: string, work: Promise<T>): Promise<T> {
  for (let n = 0; n < 10; n++) {
    assert.equal((await rawRequest(url, getting("/healthz", url))).status, 200);
  }
  return await work;
}

const counted = (answers: readonly RawAnswer[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );

const NEW_JOB = "/settings/agents/jobs/new";
const FIELDS = new TextEncoder().encode("a&".repeat(MIB / 2));

Deno.test("floods of forms without a session neither block the control plane nor fill its memory", (t) =>
  attacked({
    // Attacker: has no key, and sends as many fields as fit into a mebibyte, with the right Origin.
    async "20 and 200 forms of a mebibyte are refused, each with a page"({ url, post }) {
      const floods = [["/sign-in", 20], ["/sign-in", 200], [NEW_JOB, 200]] as const;
      for (const [path, count] of floods) {
        const posts = Array.from({ length: count }, () => post(path, FIELDS));
        const answers = await healthyDuring(url, Promise.all(posts));
        assert.deepEqual([path, counted(answers)], [path, { 413: count }]);
        assert.match(answers[0]?.body ?? "", /Cannot accept the request: its body/);
      }
    },
    // Attacker: keeps to the limit of 64 KiB, and sends as many fields as fit.
    async "200 forms of 64 KiB are refused as too long or as too many"({ url, post }) {
      const fields = FIELDS.subarray(0, 65_536);
      for (
        const [body, isChunked] of [[fields, false], [inChunks(fields, 65_536), true]] as const
      ) {
        const posts = Array.from({ length: 200 }, () => post(NEW_JOB, body, isChunked));
        const answers = counted(await healthyDuring(url, Promise.all(posts)));
        const { 413: tooLong = 0, 429: tooMany = 0, ...others } = answers;
        assert.deepEqual([tooLong + tooMany, others], [200, {}]);
      }
    },
    // Attacker: sends each byte as a separate chunk, which needs more memory than the byte.
    async "16 forms in chunks of one byte take no more memory than others"({ post }) {
      const body = inChunks(new TextEncoder().encode("key=?".padEnd(300, "x")), 1);
      const posts = Array.from({ length: 16 }, () => post("/sign-in", body, true));
      const { 401: unknown = 0, 429: tooMany = 0, ...others } = counted(await Promise.all(posts));
      assert.deepEqual([unknown + tooMany, others], [16, {}]);
    },
    // Attacker: begins forms and never finishes them, to occupy memory and the limit of open forms.
    async "400 unfinished forms do not prevent a sign-in"({ url, adminKey, post }) {
      using open = new DisposableStack();
      const begun = [];
      const text = [...posting("/sign-in", url), "Content-Length: 65536", "", "key=?"];
      for (let n = 0; n < 400; n++) begun.push(open.use(await rawStart(url, text.join("\r\n"))));
      const key = new TextEncoder().encode(String(new URLSearchParams({ key: adminKey })));
      assert.equal((await healthyDuring(url, post("/sign-in", key))).status, 303);
      // Forms that were accepted time out with 408.
      const answers = counted(await Promise.all(begun.slice(0, 380).map(({ answer }) => answer)));
      assert.deepEqual(Object.keys(answers).filter((status) => !/408|429/.test(status)), []);
    },
  }, t));

/** Splits the body into chunks of a size (RFC 9112, 7.1). */
function inChunks(body: Uint8Array, size: number): Uint8Array {
  const text = new TextDecoder().decode(body);
  const pieces = [];
  for (let at = 0; at < text.length; at += size) {
    const piece = text.slice(at, at + size);
    pieces.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  }
  return new TextEncoder().encode(`${pieces.join("")}0\r\n\r\n`);
}
