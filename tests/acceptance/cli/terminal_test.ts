/** `register` in a terminal: its questions, and the state of the terminal afterwards. */

import assert from "node:assert/strict";
import { acceptance } from "../support/acceptance.ts";
import { operator } from "../support/operator.ts";
import { CTRL_C, ENTER, ESC, missingPty, openPty } from "../support/pty.ts";

const missing = missingPty();

/** A Bigeye that rejects every key, and records the keys that it gets. */
function rejectingBigeye() {
  const keys: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    keys.push(request.headers.get("authorization"));
    const body = { code: "unauthenticated", message: "no", error: "Unauthorized", details: [] };
    return Response.json(body, { status: 401 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    keys,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

acceptance("register asks for all missing values, and does not show keys", async (built) => {
  await using bigeye = rejectingBigeye();
  await using person = await operator(built);
  await using session = openPty(person, "register");
  await session.on("Host id", `no spaces${ENTER}`);
  await session.on("1 to 256 letters, digits or hyphens", `\x15prod-agent-01${ENTER}`);
  await session.on("Address of Bigeye", `${bigeye.url}${ENTER}`);
  await session.on("Proxy to the internet", ENTER);
  await session.on("PEM file of a custom certificate authority", ENTER);
  await session.on("Personal API Key", `a-personal-key${ENTER}`);
  await session.on("Agent API Key", `an-agent-key${ENTER}`);
  const { code, stty, screen } = await session.left();
  assert.deepEqual({ code, keys: bigeye.keys }, { code: 4, keys: ["apikey a-personal-key"] });
  assert(!screen.includes("a-personal-key") && !screen.includes("an-agent-key"));
  assert.match(stty, / icanon .* echo /);
}, { missing });

for (const [name, key] of [["Esc", ESC], ["Ctrl-C", CTRL_C]] as const) {
  acceptance(
    `${name} at a question ends register with 130 and restores the terminal`,
    async (built) => {
      await using person = await operator(built);
      await using session = openPty(person, "register --host-id prod-agent-01");
      await session.on("Address of Bigeye", key);
      const { code, stty, screen } = await session.left();
      assert.equal(code, 130);
      assert.match(screen, /Stopped before the end/);
      assert.match(stty, / icanon .* echo /);
      const [shown, hidden] = ["\x1b[?25h", "\x1b[?25l"].map((cursor) =>
        screen.lastIndexOf(cursor)
      );
      assert((shown ?? -1) >= (hidden ?? -1), "the cursor is hidden");
      assert.deepEqual(await Array.fromAsync(Deno.readDir(person.folder)), []);
    },
    { missing },
  );
}
