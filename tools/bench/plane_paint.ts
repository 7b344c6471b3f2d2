/** When a real browser first paints the page of runs. */

import { type Browser, chromium } from "playwright-core";
import { PATHS } from "../../control_plane/pages/paths.ts";
import { CHROMIUM, testProgram } from "../setup/test_programs.ts";
import { openBareServer } from "./bare_server.ts";
import { type Figure, median, quantile } from "./figures.ts";
import type { PlaneStage } from "./plane_stage.ts";
import { signedIn } from "./plane_visitor.ts";

const VISITS = 20;
const LIMIT_MS = 100;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];

/** In milliseconds from the beginning of the navigation (W3C Paint Timing). */
const FIRST_PAINT = `new Promise((resolve) =>
  new PerformanceObserver((list) => {
    const [paint] = list.getEntriesByName("first-paint");
    if (paint) resolve(paint.startTime);
  }).observe({ type: "paint", buffered: true }))`;

/** Turn and turn about with a page of one letter: what the browser itself takes. */
export async function measureFirstPaint(
  { plane: { localUrl, adminKey } }: PlaneStage,
): Promise<readonly Figure[]> {
  const executablePath = await testProgram(CHROMIUM);
  const runs = `${localUrl}${PATHS.runs}`;
  const person = await signedIn(localUrl, adminKey);
  await using bare = await openBareServer(1);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const cookie = person.headers["cookie"] ?? "";
    const [first, later, constant]: [number[], number[], number[]] = [[], [], []];
    for (let turn = 0; turn < VISITS; turn++) {
      // Whoever sees the runs has signed in before: style and script are in the browser's cache.
      const [empty = NaN, cached = NaN] = await paints(browser, { url: runs, cookie });
      first.push(empty);
      later.push(cached);
      constant.push((await paints(browser, { url: bare.url, cookie: "" }))[1] ?? NaN);
    }
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
      figure("nothing cached, p50", median(first)),
    ];
  } finally {
    await browser.close();
  }
}

/** Of two visits with a profile of its own, in which nothing is cached at first. */
async function paints(
  browser: Browser,
  { url, cookie }: { url: string; cookie: string },
): Promise<readonly number[]> {
  const context = await browser.newContext();
  try {
    const [name = "", value = ""] = cookie.split("=");
    if (name !== "") await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    const times: number[] = [];
    for (let visits = 0; visits < 2; visits++) {
      const answer = await page.goto(url);
      if (answer?.status() !== 200) throw new Error(`Cannot paint ${url}: ${answer?.status()}`);
      times.push(await page.evaluate<number>(FIRST_PAINT));
    }
    return times;
  } finally {
    await context.close();
  }
}
