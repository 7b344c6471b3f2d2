/** A real Chromium, started for one test with a temporary profile. */

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** They keep Chromium from connecting to anything but the page under test. */
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

/** Returns the path of the program; `undefined` if there is none, and then the tests are skipped. */
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
  /** Opens a browser with its own cookies. Errors on its console are collected. */
  open(options?: Parameters<Browser["newContext"]>[0]): Promise<Page>;
  /** The errors on the consoles of all pages. */
  readonly consoleErrors: string[];
}

export async function openWindows(): Promise<Windows> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error("there is no Chromium");
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const contexts: BrowserContext[] = [];
  const consoleErrors: string[] = [];
  return {
    consoleErrors,
    async open(options = {}) {
      const context = await browser.newContext({ timezoneId: "Europe/Berlin", ...options });
      contexts.push(context);
      // Long, for busy machines. Nothing waits this long unless it fails.
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      page.on("console", (message) => {
        // Chromium also logs each 4xx response there, which tests expect.
        const isMeant = /^Failed to load resource/.test(message.text());
        if (message.type() === "error" && !isMeant) consoleErrors.push(message.text());
      });
      page.on("pageerror", ({ message }) => consoleErrors.push(message));
      return page;
    },
    async [Symbol.asyncDispose]() {
      for (const context of contexts) await context.close();
      await browser.close();
    },
  };
}

/** Defines a test that is skipped if there is no Chromium. */
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
