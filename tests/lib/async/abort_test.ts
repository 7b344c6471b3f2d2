/** Joined abort signals: they abort, can be disposed, and are not collected while they are in use. */

import assert from "node:assert/strict";
import { aborted, anySignal } from "../../../lib/async/abort.ts";

Deno.test("a joined signal aborts with the reason of its first source", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  using either = anySignal(one.signal, undefined, other.signal);
  const waiting = aborted(either.signal);
  other.abort("stop");
  await waiting;
  assert.equal(either.signal.reason, "stop");
  assert.equal(anySignal(one.signal, other.signal).signal.reason, "stop");
});

Deno.test("a disposed join no longer follows its sources", () => {
  const source = new AbortController();
  const { signal, [Symbol.dispose]: dispose } = anySignal(source.signal);
  dispose();
  source.abort();
  assert.equal(signal.aborted, false);
});

Deno.test("a joined signal survives garbage collection while a listener waits", async () => {
  const script = `
    const { aborted, anySignal } = await import(${
    JSON.stringify(new URL("../../../lib/async/abort.ts", import.meta.url).href)
  });
    const [one, other] = [new AbortController(), new AbortController()];
    const waiting = (() => aborted(anySignal(one.signal, other.signal).signal))();
    for (let turn = 0; turn < 5; turn++) { gc(); await new Promise((wake) => setTimeout(wake, 5)); }
    one.abort();
    await waiting;
    console.log("aborted");`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--v8-flags=--expose-gc", script],
    stderr: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "aborted\n");
});
