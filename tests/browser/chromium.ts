/** A real Chromium, started for one test with a profile of its own that is gone afterwards. */

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Nothing of it speaks to anybody but the page under test. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The program's path; nothing where there is none, and then the tests say that they are skipped. */
export function chromiumPath(): string | undefined {
  const named = Deno.env.get("BIGEYE_TEST_CHROMIUM");
  if (named) return named;
  return KNOWN.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

export interface Windows extends AsyncDisposable {
  /** Another person's browser: cookies are its own. Whatever its pages complain of is collected. */
  open(options?: Parameters<Browser["newContext"]>[0]): Promise<Page>;
  /** What the consoles of all pages have said that is not mere talk. */
  readonly complaints: string[];
}

export async function openWindows(): Promise<Windows> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error("there is no Chromium");
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  return {
    complaints,
    async open(options = {}) {
      const context = await browser.newContext({ timezoneId: "Europe/Berlin", ...options });
      contexts.push(context);
      // For a machine that has much else to do; whatever waits, waits for an event.
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      page.on("console", (message) => {
        // A page that is answered with 4xx is told of there too, and meant to be.
        const isMeant = /^Failed to load resource/.test(message.text());
        if (message.type() === "error" && !isMeant) complaints.push(message.text());
      });
      page.on("pageerror", ({ message }) => complaints.push(message));
      return page;
    },
    async [Symbol.asyncDispose]() {
      for (const context of contexts) await context.close();
      await browser.close();
    },
  };
}

/** A test that is skipped, and says so, where there is no Chromium. */
export function browserTest(name: string, test: (windows: Windows) => Promise<void>): void {
  const ignore = chromiumPath() === undefined;
  const why = ignore ? " (skipped: no Chromium; set BIGEYE_TEST_CHROMIUM)" : "";
  Deno.test({
    name: `${name}${why}`,
    ignore,
    async fn() {
      await using windows = await openWindows();
      await test(windows);
    },
  });
}
