/** What ./dev watch adds to the script of the pages: once the control plane was started anew, they load again. */

let startedAt;

async function lookForAnother() {
  if (document.hidden) return;
  try {
    const now = await (await fetch("/watch/started")).text();
    if (startedAt !== undefined && now !== startedAt) location.reload();
    startedAt = now;
  } catch {
    // It is not up yet; the next look tells.
  }
}

setInterval(lookForAnother, 500);
