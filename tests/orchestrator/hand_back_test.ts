/** When a service that starts hands back the attempts of a killed process, and when it leaves them alone. */

import assert from "node:assert/strict";
import { serve } from "../../orchestrator/serve.ts";
import { CONFIG, JOURNAL, makeService, type Scene } from "./service.ts";
import { MACHINE_STARTED_AT, orderOf, TOKEN } from "./world.ts";

/** The journal of a run that another process of this machine had begun when it was killed. */
const LEFT_RUN = JSON.stringify({
  order: orderOf(["exit-0"]),
  phases: [],
  attempt: { task_token: TOKEN, machine_started_at: MACHINE_STARTED_AT },
});

Deno.test("the attempts of a killed process are handed back before the workers start", async () => {
  const { needs, seen, until, files } = makeService();
  await files.writeText(JOURNAL, LEFT_RUN);
  const stop = new AbortController();
  const serving = serve(needs, stop.signal);
  await until("temporal worker started");
  stop.abort();
  await serving;
  assert.deepEqual(seen.slice(0, 5), [
    "boundary verified",
    "taking up earlier runs first",
    `handed back ${TOKEN}`,
    "handed back a former attempt",
    "workers of bigeye-agent-host-host-1, 4 slots",
  ]);
  assert.equal("attempt" in JSON.parse(files.texts()[JOURNAL] ?? ""), false);
});

const KEPT: Readonly<Record<string, Scene>> = {
  "Bigeye does not answer the first heartbeat well": { beatStatus: 503 },
  "Bigeye is not this project's control plane": { config: CONFIG.replace("host_report: true", "") },
  "the folder cannot be locked": { lockFile: () => Promise.reject(new Error("no locks here")) },
};

for (const [because, scene] of Object.entries(KEPT)) {
  Deno.test(`no attempt is handed back if ${because}`, async () => {
    // Attacker: none; a cloned machine starts, and its journals name the attempts of the living one.
    const { needs, seen, until, files } = makeService(scene);
    await files.writeText(JOURNAL, LEFT_RUN);
    const stop = new AbortController();
    const serving = serve(needs, stop.signal);
    await until("temporal worker started");
    stop.abort();
    await serving;
    assert.equal(seen.includes(`handed back ${TOKEN}`), false);
    assert.equal(files.texts()[JOURNAL], LEFT_RUN);
  });
}

Deno.test("a second orchestrator on one folder is refused and sends no heartbeat", async () => {
  const { needs, seen, asked, files } = makeService({ lockFile: () => Promise.resolve(undefined) });
  await files.writeText(JOURNAL, LEFT_RUN);
  await assert.rejects(serve(needs, new AbortController().signal), {
    code: "host_folder_in_use",
    exit: "conflict",
  });
  assert.deepEqual([seen, asked], [["boundary verified", "stopped"], []]);
});
