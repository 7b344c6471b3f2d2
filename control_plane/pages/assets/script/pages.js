/** Improves pages that also work without a script: local times, copy buttons, fields that appear at once. */

document.documentElement.classList.add("scripted");

// Times in the reader's time zone; hovering shows the exact time.

const day = { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
const FORMATS = {
  point: day,
  pointOfYear: { ...day, year: "numeric" },
  moment: { ...day, second: "2-digit" },
  exact: { dateStyle: "full", timeStyle: "long" },
};
const formatters = {};

/** Creates each formatter when it is first needed, because creating one delays the first paint. */
function formatted(at, name) {
  formatters[name] ??= new Intl.DateTimeFormat(undefined, FORMATS[name]);
  return formatters[name].format(at);
}

const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** The same format as the server's (pages/frame/times.tsx). */
function duration(ms) {
  let seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds === 0) return "0 s";
  const parts = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(" ");
}

function age(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return "just now";
  const [name, size] = UNITS.find((unit) => seconds >= unit[1]);
  return `${Math.floor(seconds / size)} ${name} ago`;
}

/** How far the reader's clock is ahead of the server's, in milliseconds. Ages use the server's clock. */
let ahead = 0;

function wordsFor(time) {
  const at = new Date(time.dateTime);
  if (time.dataset.time === "moment") return formatted(at, "moment");
  if (time.dataset.time === "point") {
    const isThisYear = at.getFullYear() === new Date().getFullYear();
    return formatted(at, isThisYear ? "point" : "pointOfYear");
  }
  const passed = Date.now() - ahead - at.getTime();
  return time.dataset.time === "age" ? age(passed) : duration(passed);
}

function updateTimes(root, kinds) {
  for (const time of root.querySelectorAll("time[data-time]")) {
    if (!kinds.includes(time.dataset.time)) continue;
    const words = wordsFor(time);
    if (time.textContent !== words) time.textContent = words;
  }
}

document.addEventListener("pointerover", ({ target }) => {
  const time = target.closest("time[data-time]");
  if (time) time.title = formatted(new Date(time.dateTime), "exact");
});

// Commands and paths to copy.

function offerCopies(root) {
  if (!navigator.clipboard) return;
  for (const box of root.querySelectorAll(".copyable")) {
    if (box.querySelector("button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("pre").textContent);
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 2000);
    });
    box.append(button);
  }
}

/** A new schedule starts with the reader's time zone. */
function offerOwnZone(root) {
  const field = root.querySelector("[data-own-zone]");
  if (!field) return;
  field.removeAttribute("data-own-zone");
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function improve(root) {
  offerOwnZone(root);
  updateTimes(root, ["point", "moment", "age", "span"]);
  offerCopies(root);
}

/** Requests a page as a parsed document, in which no text can become a script. */
function documentOf(url, form) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(form ? "POST" : "GET", url);
    request.responseType = "document";
    request.timeout = 10000;
    if (!form) request.setRequestHeader("x-refresh", "1");
    const fail = () => reject(new Error("no answer"));
    request.onerror = fail;
    request.ontimeout = fail;
    request.onload = () => {
      const date = Date.parse(request.getResponseHeader("date") ?? "");
      // The header has whole seconds, so a smaller difference is meaningless.
      if (Math.abs(Date.now() - date) > 2000) ahead = Date.now() - date;
      const isPage = request.status < 500 && request.response !== null;
      if (!isPage) return fail();
      const { response: page, status, responseURL } = request;
      resolve({ page, status, isElsewhere: responseURL !== url });
    };
    request.send(form ?? null);
  });
}

/** Between a press and its release nothing may move or disappear, or the click would be lost. */
function isPressed(root) {
  return root.querySelector("a:active, button:active") !== null;
}

// Filters and the type of a job take effect at once.

/** The latest change that requested each part of the page, by the part's id. Only its answer is shown. */
const lastChange = new Map();

document.addEventListener("change", async (event) => {
  const { target } = event;
  const filters = target.closest("form[data-filters]");
  if (filters) {
    const chosen = [...new FormData(filters)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(chosen).toString();
    // Not the property, because a field named "action" hides it.
    const path = filters.getAttribute("action");
    location.assign(query === "" ? path : `${path}?${query}`);
    return;
  }
  const swap = target.closest("[data-swap]");
  // A field that is replaced while a person types in it fires a change event on removal; ignore it.
  if (!swap?.isConnected) return;
  swap.querySelector(".unanswered")?.remove();
  const ids = swap.dataset.swap.split(" ");
  for (const id of ids) lastChange.set(id, event);
  const form = target.form;
  const isWaitedFor = (id) => lastChange.get(id) === event;
  let typed;
  let answer;
  // An answer to older values would discard what was typed meanwhile, so ask again.
  do {
    typed = typedIn(form);
    answer = await documentOf(form.getAttribute("action"), typed).catch(() => undefined);
  } while (answer && ids.some(isWaitedFor) && String(typedIn(form)) !== String(typed));
  if (!answer) return ids.some(isWaitedFor) && offerAgain(swap, target);
  const parts = ids.filter(isWaitedFor).map((id) => answer.page.getElementById(id));
  // The answer is another page, for example because the session has ended. Submitting the form leads to
  // the sign-in and back.
  if (!parts.every(Boolean)) return form.querySelector('[name="intent"][value="swap"]').click();
  while (isPressed(form)) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const fresh of parts) {
    replacePart(document.getElementById(fresh.id), document.adoptNode(fresh));
    improve(fresh);
  }
});

/** Stays on the page when no answer comes, because leaving it would discard what was typed. */
function offerAgain(swap, target) {
  const line = document.createElement("p");
  line.className = "error unanswered";
  line.setAttribute("role", "alert");
  line.textContent = "The control plane did not answer. What you typed is kept. ";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = "Try again";
  button.addEventListener("click", () => {
    target.dispatchEvent(new Event("change", { bubbles: true }));
  });
  line.append(button);
  swap.append(line);
}

function typedIn(form) {
  const typed = new URLSearchParams(new FormData(form));
  typed.set("intent", "swap");
  return typed;
}

/** A selector that finds the focused element again after its part of the page was replaced. */
function nameOf(element) {
  const { id, dataset: { focus }, href } = element;
  if (id) return `#${CSS.escape(id)}`;
  if (focus) return `[data-focus="${CSS.escape(focus)}"]`;
  return href ? `a[href="${CSS.escape(element.getAttribute("href"))}"]` : undefined;
}

/** Replaces a part of the page. Focus and cursor stay in the same element. */
function replacePart(shown, fresh) {
  const focused = document.activeElement;
  const name = shown.contains(focused) ? nameOf(focused) : undefined;
  const { selectionStart, selectionEnd } = focused;
  shown.replaceWith(fresh);
  const again = name && fresh.querySelector(name);
  again?.focus({ preventScroll: true });
  const hasCursor = typeof selectionStart === "number";
  if (again && hasCursor) again.setSelectionRange(selectionStart, selectionEnd);
}

const DOUBLE_CLICK_MS = 5000;

/**
 * A double click must not submit a form twice. A later click may, because no event reports that a submission
 * was stopped.
 */
document.addEventListener("submit", (event) => {
  const { target: { dataset }, timeStamp } = event;
  if (timeStamp - dataset.sentAt < DOUBLE_CLICK_MS) return event.preventDefault();
  dataset.sentAt = timeStamp;
});
// Forms of a page restored from the browser's back/forward cache may be submitted at once.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent-at]")) delete form.dataset.sentAt;
});

setInterval(() => updateTimes(document, ["age", "span"]), 1000);

// Removes the notice from the address, so that a reload does not show it again.
if (new URLSearchParams(location.search).has("done")) {
  const url = new URL(location.href);
  url.searchParams.delete("done");
  history.replaceState(null, "", url);
}

improve(document);
