/** The compressed bytes that a first visit to the page of runs transfers. */

import assert from "node:assert/strict";
import { AGENTS, signIn } from "./support/account.ts";
import { reportEnd, servedPlane } from "../harness/pages/served_plane.ts";
import { browserTest } from "./support/chromium.ts";

const MOST_BYTES = 60_000;
const A_PAGE = 25;

const LOADED = `
  [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ initiatorType }) => ["navigation", "link", "script"].includes(initiatorType))
    .map(({ name, transferSize, decodedBodySize }) => ({ name, transferSize, decodedBodySize }))`;

interface Loaded {
  readonly name: string;
  readonly transferSize: number;
  readonly decodedBodySize: number;
}

browserTest(
  "a full page of runs with style and script transfers at most 60 kB",
  async (windows) => {
    await using plane = await servedPlane();
    const host = "a-host-with-a-rather-long-name-of-its-own-01";
    await plane.addHost(host);
    const by = { name: "Ada" };
    for (let n = 0; n < A_PAGE + 1; n++) {
      const name = `Nightly lineage of warehouse number ${n}`;
      const { id } = await plane.addJob({ name, host_id: host });
      const { run } = await plane.store.runs.trigger(id, { source: "manual" }, by);
      const outcome = { status: "failed", reason: "host_unavailable" } as const;
      if (n % 3 > 0) await reportEnd(plane, run.id, n % 3 === 1 ? outcome : {});
    }
    // The sign-in page has already fetched style and script, so the first visit is made by another browser.
    const [signedIn, page] = [await windows.open(), await windows.open()];
    await signIn(signedIn, plane);
    await page.context().addCookies(await signedIn.context().cookies());
    await page.goto(`${plane.url}${AGENTS}/runs`, { waitUntil: "load" });
    assert.equal(await page.locator("tbody tr").count(), A_PAGE);
    const loaded = await page.evaluate<Loaded[]>(LOADED);
    const sum = (size: "transferSize" | "decodedBodySize") =>
      loaded.reduce((total, one) => total + one[size], 0);
    assert.equal(loaded.length, 3, JSON.stringify(loaded));
    assert.ok(loaded.every(({ transferSize }) => transferSize > 0), JSON.stringify(loaded));
    assert.ok(sum("transferSize") < sum("decodedBodySize"), "it is compressed");
    assert.ok(sum("transferSize") <= MOST_BYTES, JSON.stringify(loaded));
  },
);
