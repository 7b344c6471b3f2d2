/** Measures when a real browser first paints the page of runs. */

import { PATHS } from "../../../control_plane/pages/paths.ts";
import { delay } from "../../../tests/harness/time/wait.ts";
import { type BareBrowser, type BareWindow, type Cookie, openBareBrowser } from "./bare_browser.ts";
import { openBareServer } from "./bare_server.ts";
import { type Figure, median, quantile } from "../figures.ts";
import type { PlaneStage } from "./stage.ts";
import { signedIn } from "./reads.ts";

const VISITS = 20;
const LIMIT_MS = 100;
/** The pause between two pages. */
const READING_MS = 500;

/** Evaluates to the response's status and the milliseconds since navigation start (W3C Paint Timing). */
const FIRST_PAINT = `new Promise((resolve) =>
  new PerformanceObserver((list) => {
    const [paint] = list.getEntriesByName("first-paint");
    const [{ responseStatus }] = performance.getEntriesByType("navigation");
    if (paint) resolve({ at: paint.startTime, responseStatus });
  }).observe({ type: "paint", buffered: true }))`;

interface FirstPaint {
  readonly at: number;
  readonly responseStatus: number;
}

/**
 * Goes from the jobs to the runs as a signed-in user, by turns with a page of one letter, which shows the
 * browser's own share. Then measures first visits, with an empty cache.
 */
export async function measureFirstPaint(
  { plane: { localUrl, adminKey } }: PlaneStage,
): Promise<readonly Figure[]> {
  const { headers: { cookie = "" } } = await signedIn(localUrl, adminKey);
  const [name = "", value = ""] = cookie.split("=");
  const session = { name, value, url: localUrl };
  const runs = `${localUrl}${PATHS.runs}`;
  const [first, later, constant]: [number[], number[], number[]] = [[], [], []];
  await using bare = await openBareServer(1);
  await using browser = await openBareBrowser();
  await using person = await browser.openWindow(session);
  await using other = await browser.openWindow();
  for (let turn = 0; turn < VISITS; turn++) {
    await paint(person, `${localUrl}${PATHS.jobs}`);
    later.push(await paint(person, runs));
    await paint(other, bare.url);
    constant.push(await paint(other, bare.url));
  }
  for (let turn = 0; turn < VISITS; turn++) first.push(await firstVisit(browser, session, runs));
  const figure = (name: string, value: number): Figure => ({
    name: `runs, page: first paint, ${name}`,
    unit: "ms",
    value,
    baseline: median(constant),
    samples: VISITS,
  });
  return [
    { ...figure("p50", median(later)), limit: LIMIT_MS },
    figure("p95", quantile(later, 0.95)),
    figure("empty cache, p50", median(first)),
  ];
}

async function firstVisit(browser: BareBrowser, session: Cookie, url: string): Promise<number> {
  await using page = await browser.openWindow(session);
  return await paint(page, url);
}

/** Asks after the page was painted, so that the request does not disturb the paint. */
async function paint(page: BareWindow, url: string): Promise<number> {
  await page.goTo(url);
  await delay(READING_MS).done;
  const { at, responseStatus } = await page.evaluate<FirstPaint>(FIRST_PAINT);
  if (responseStatus !== 200) throw new Error(`Cannot paint ${url}: ${responseStatus}`);
  return at;
}
