/**
 * Live changes: regions are replaced, but never under a reader's hands. It is one script with pages.js,
 * whose functions it calls.
 */

const tables = document.querySelector("main")?.dataset.tables;
const EVERY_MS = 10000;
const AT_MOST_EVERY_MS = 1000;
/** As the stream itself has the browser wait (pages/events.ts). */
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

/** What a region says, but for the times in it, which go on by themselves. */
function saying(region) {
  const said = region.cloneNode(true);
  for (const time of said.querySelectorAll("time")) time.remove();
  return said.textContent;
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
      // A notice tells of what was then: it is not true for ever.
      if (saying(fresh) !== saying(region)) document.getElementById("notice")?.remove();
      replacePart(region, fresh);
    }
  }
}

/** What the page shows was deleted, or another version of us knows it by other regions. */
function isGone({ page, status }) {
  if (status === 404) return true;
  const regions = [...document.querySelectorAll("[data-live]")];
  return status === 200 && !regions.some(({ id }) => page.getElementById(id));
}

/** Loading the page again says what there is instead, and takes away what is marked or typed on this one. */
function leave() {
  const main = document.querySelector("main");
  if (!isInUse(main)) return location.reload();
  isWanted = true;
  if (document.getElementById("gone")) return;
  const told = document.createElement("p");
  told.id = "gone";
  told.className = "banner bad";
  told.role = "alert";
  told.textContent = "This was deleted. The page reloads when you stop editing.";
  main.prepend(told);
}

async function refresh() {
  isWanted = true;
  if (isAsking || document.hidden) return;
  isAsking = true;
  while (isWanted && !document.hidden) {
    isWanted = false;
    try {
      const answer = await documentOf(location.href.split("#")[0]);
      // Signed out meanwhile, for one: loading the page leads where it has to.
      if (answer.isElsewhere) return location.reload();
      if (isGone(answer)) leave();
      else replaceRegions(answer.page);
    } catch {
      // The next event, or the next look, tries again.
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
  // It comes back by itself after a break, and whatever was in between has been missed.
  stream.addEventListener("open", refresh);
  // Not after a refusal, such as a proxy's 503 during a restart: that closes it for good.
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
