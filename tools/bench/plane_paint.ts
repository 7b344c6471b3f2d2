/** When a real browser first paints the page of runs, with nothing of it in the browser's cache. */

import { type Browser, chromium } from "playwright-core";
import { PATHS } from "../../control_plane/pages/paths.ts";
import { CHROMIUM, testProgram } from "../setup/test_programs.ts";
import { openBareServer } from "./bare_server.ts";
import { type Figure, median, quantile } from "./figures.ts";
import type { PlaneStage } from "./plane_stage.ts";
import { signedIn, visit } from "./plane_visitor.ts";

const VISITS = 20;
const LIMIT_MS = 100;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];

/** In milliseconds from the beginning of the navigation (W3C Paint Timing). */
const FIRST_PAINT = `new Promise((resolve) =>
  new PerformanceObserver((list) => {
    const [paint] = list.getEntriesByName("first-paint");
    if (paint) resolve(paint.startTime);
  }).observe({ type: "paint", buffered: true }))`;

/** Turn and turn about with a page of as many letters and nothing else: what the browser itself takes. */
export async function measureFirstPaint(
  { plane: { localUrl, adminKey } }: PlaneStage,
): Promise<readonly Figure[]> {
  const executablePath = await testProgram(CHROMIUM);
  const url = `${localUrl}${PATHS.runs}`;
  const person = await signedIn(localUrl, adminKey);
  const { length } = await visit(url, person);
  await using bare = await openBareServer(length);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const cookie = person.headers["cookie"] ?? "";
    // What a browser does once in its life is not the page's.
    await firstPaint(browser, { url, cookie });
    const [ours, constant]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < VISITS; turn++) {
      ours.push(await firstPaint(browser, { url, cookie }));
      constant.push(await firstPaint(browser, { url: bare.url, cookie: "" }));
    }
    const name = "runs, page: first paint, first visit";
    const baseline = median(constant);
    return [
      {
        name: `${name}, p50`,
        unit: "ms",
        value: median(ours),
        limit: LIMIT_MS,
        baseline,
        samples: VISITS,
      },
      { name: `${name}, p95`, unit: "ms", value: quantile(ours, 0.95), baseline, samples: VISITS },
    ];
  } finally {
    await browser.close();
  }
}

/** In a profile of its own, so that nothing is cached. */
async function firstPaint(
  browser: Browser,
  { url, cookie }: { url: string; cookie: string },
): Promise<number> {
  const context = await browser.newContext();
  try {
    const [name = "", value = ""] = cookie.split("=");
    if (name !== "") await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    const answer = await page.goto(url);
    if (answer?.status() !== 200) throw new Error(`Cannot paint ${url}: ${answer?.status()}`);
    return await page.evaluate<number>(FIRST_PAINT);
  } finally {
    await context.close();
  }
}
