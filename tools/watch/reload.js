/** ./dev watch adds this to the pages' script. It reloads a page when the control plane has restarted. */

let startedAt;

async function reloadAfterRestart() {
  if (document.hidden) return;
  try {
    const now = await (await fetch("/watch/started")).text();
    if (startedAt !== undefined && now !== startedAt) location.reload();
    startedAt = now;
  } catch {
    // The control plane is restarting. The next call tries again.
  }
}

setInterval(reloadAfterRestart, 500);
