/**
 * Live changes: replaces regions of the page, but not while the reader uses them. It is concatenated with
 * pages.js and calls its functions.
 */

const tables = document.querySelector("main")?.dataset.tables;
const EVERY_MS = 10000;
const AT_MOST_EVERY_MS = 1000;
/** The same delay as the stream's own `retry` (pages/events.ts). */
const AGAIN_AFTER_MS = 2000;
let stream;
let again;
let isAsking = false;
let isWanted = false;

function isInUse(region) {
  const focused = document.activeElement;
  if (region.contains(focused) && focused.matches("input, select, textarea")) return true;
  if (isPressed(region)) return true;
  const selection = getSelection();
  return !selection.isCollapsed && region.contains(selection.anchorNode);
}

/** The text of a region without its times, which change by themselves. */
function textWithoutTimes(region) {
  const copy = region.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.remove();
  return copy.textContent;
}

function replaceRegions(page) {
  for (const region of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(region.id);
    if (!fresh) continue;
    document.adoptNode(fresh);
    improve(fresh);
    if (fresh.isEqualNode(region)) continue;
    if (isInUse(region)) isWanted = true;
    else {
      // The notice describes the previous state, which has changed.
      if (textWithoutTimes(fresh) !== textWithoutTimes(region)) {
        document.getElementById("notice")?.remove();
      }
      replacePart(region, fresh);
    }
  }
}

/** Reports whether the page's object was deleted, or another version serves the page with other regions. */
function isGone({ page, status }) {
  if (status === 404) return true;
  const regions = [...document.querySelectorAll("[data-live]")];
  return status === 200 && !regions.some(({ id }) => page.getElementById(id));
}

/** Reloads the page, unless the reader uses it: a reload would discard what is selected or typed. */
function leave() {
  const main = document.querySelector("main");
  if (!isInUse(main)) return location.reload();
  isWanted = true;
  if (document.getElementById("gone")) return;
  const banner = document.createElement("p");
  banner.id = "gone";
  banner.className = "banner bad";
  banner.role = "alert";
  banner.textContent = "This was deleted. The page reloads when you stop editing.";
  main.prepend(banner);
}

async function refresh() {
  isWanted = true;
  if (isAsking || document.hidden) return;
  isAsking = true;
  while (isWanted && !document.hidden) {
    isWanted = false;
    try {
      const answer = await documentOf(location.href.split("#")[0]);
      // The session has ended, for example: a reload leads to the sign-in.
      if (answer.isElsewhere) return location.reload();
      if (isGone(answer)) leave();
      else replaceRegions(answer.page);
    } catch {
      // The next event or the next interval tries again.
    }
    await new Promise((resolve) => setTimeout(resolve, AT_MOST_EVERY_MS));
  }
  isAsking = false;
}

function listen() {
  clearTimeout(again);
  stream?.close();
  stream = undefined;
  if (document.hidden) return;
  stream = new EventSource(`/events?of=${encodeURIComponent(tables)}`);
  stream.addEventListener("change", refresh);
  // After a break the browser reconnects by itself, but events in between were missed.
  stream.addEventListener("open", refresh);
  // It does not reconnect after an error status, such as a proxy's 503 during a restart.
  stream.addEventListener("error", ({ target }) => {
    if (target.readyState === EventSource.CLOSED) again = setTimeout(listen, AGAIN_AFTER_MS);
  });
}

if (tables) {
  listen();
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => stream?.close());
  setInterval(refresh, EVERY_MS);
}
