/** The message of a failed run: its order, its limits and its redaction. */

import assert from "node:assert/strict";
import type { ConnectionResult } from "../../../lib/contract/run.ts";
import { redactor } from "../../../orchestrator/outcome/redaction.ts";
import { summaryOf, type SummaryParts } from "../../../orchestrator/outcome/summary.ts";

const plain = (text: string) => text;
const parts = (change: Partial<SummaryParts>): SummaryParts => ({
  headline: "The agent exited with code 1",
  headlineFirst: false,
  connections: [],
  tail: [],
  outputComplete: true,
  redact: plain,
  ...change,
});
const failed = (name: string, errors: string[]): ConnectionResult => ({
  connector: "tableau",
  name,
  status: "failed",
  errors,
  log: `/srv/bigeye/agent_runs/1/files/${name}.log`,
});

Deno.test("the message has failed connections first, then the agent's message, then the output", () => {
  const connections = [failed("sales", ["no route"])];
  const [message, tail] = ["it broke", ["last line"]];
  assert.equal(
    summaryOf(parts({ connections, message, tail })),
    "1 of 1 connections failed:\ntableau / sales\n  no route\n" +
      "  log: /srv/bigeye/agent_runs/1/files/sales.log",
  );
  assert.equal(summaryOf(parts({ message, tail })), "it broke");
  assert.equal(
    summaryOf(parts({ tail })),
    "The agent exited with code 1; its last output:\nlast line",
  );
  assert.equal(summaryOf(parts({})), "The agent exited with code 1, without any output");
  const outputComplete = false;
  assert.equal(
    summaryOf(parts({ outputComplete })),
    "The agent exited with code 1; its output could not be stored on the host",
  );
  assert.equal(
    summaryOf(parts({ outputComplete, tail })),
    "The agent exited with code 1; the last of its output that could be stored:\nlast line",
  );
});

Deno.test("the newest lines are kept when not all fit", () => {
  const tail = Array.from({ length: 20 }, (_, line) => `${line} ${"x".repeat(400)}`);
  const lines = summaryOf(parts({ tail })).split("\n");
  assert.equal(lines.at(-1), tail.at(-1));
  assert.equal(lines[1], tail[10]);
});

Deno.test("the last state of a progress bar is shown, and the end of a long line", () => {
  const progress = Array.from({ length: 1_000 }, (_, step) => `loading ${step}`).join("\r");
  const redact = redactor([]);
  const head = "The agent exited with code 1; its last output:\n";
  assert.equal(
    summaryOf(parts({ tail: [`${progress}\rERROR: quota`], redact })),
    `${head}ERROR: quota`,
  );
  const long = summaryOf(parts({ tail: [`${"é".repeat(5_000)} ERROR: quota`] }));
  assert.match(long.slice(head.length), /^…é+ ERROR: quota$/);
  assert.ok(new TextEncoder().encode(long).length > 4_090);
});

Deno.test("connections share the space fairly, and those that do not fit are counted", () => {
  const long = Array.from({ length: 5 }, (_, line) => `${line} ${"e".repeat(490)}`);
  const connections = [
    failed("modest", ["no route"]),
    failed("loud", long),
    failed("louder", long),
  ];
  const summary = summaryOf(parts({ connections }));
  assert.ok(
    summary.startsWith("3 of 3 connections failed:\ntableau / modest\n  no route\n  log: "),
  );
  const bytes = (name: string) =>
    (summary.split(`/ ${name}\n`)[1] ?? "").split("\n  log:")[0]?.length;
  assert.ok(Math.abs((bytes("loud") ?? 0) - (bytes("louder") ?? 0)) <= 10);

  const many = Array.from({ length: 150 }, (_, index) => failed(`connection-${index}`, long));
  assert.match(summaryOf(parts({ connections: many })), /\n… and \d+ more failed connections$/);
});

Deno.test("texts are redacted and well-formed", () => {
  const redact = redactor(["hunter2"]);
  const message = "\x1b[31mlogin hunter2\x1b[0m failed\x07";
  assert.equal(summaryOf(parts({ message, redact })), "login [redacted] failed");
  assert.equal(summaryOf(parts({ message: "half \ud83d" })), "half \ufffd");
});

Deno.test("a secret is redacted with colors inside, across lines, at the cut, and in the headline", () => {
  const redact = redactor(["hunter2secret", "two lines\nof secret"]);
  const colored = "\x1b[32mhunter\x1b[1m2sec\x1b]8;;\x07ret\x1b[0m";
  assert.equal(summaryOf(parts({ message: colored, redact })), "[redacted]");
  const connections = [{
    ...failed("a", [colored]),
    name: colored,
    connector: colored,
    log: colored,
  }];
  assert.equal(
    summaryOf(parts({ connections, redact })),
    "1 of 1 connections failed:\n[redacted] / [redacted]\n  [redacted]\n  log: [redacted]",
  );
  const headline = `The agent exited with code 127 (exec ${colored})`;
  assert.equal(
    summaryOf(parts({ headline, tail: ["two lines", "of secret", colored], redact })),
    "The agent exited with code 127 (exec [redacted]); its last output:\n[redacted]\n[redacted]",
  );
  for (let before = 4_050; before < 4_100; before++) {
    const text = "x".repeat(before) + colored;
    for (const change of [{ message: text }, { tail: [text] }]) {
      assert.ok(!summaryOf(parts({ ...change, redact })).includes("hun"), `${before}`);
    }
  }
});

/** A random generator with a seed (mulberry32), so that a failure can be reproduced. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

Deno.test("no input makes a message of more than 4,096 bytes, or splits a character", () => {
  const alphabet = ["a", " ", "é", "漢", "😀", "\n", "👩‍🚀", "\u0000"];
  for (let seed = 1; seed <= 400; seed++) {
    const next = random(seed);
    const text = (most: number) =>
      Array.from(
        { length: Math.floor(next() * most) },
        () => alphabet[Math.floor(next() * alphabet.length)],
      ).join("");
    const several = <T>(most: number, make: () => T) =>
      Array.from({ length: Math.floor(next() * most) }, make);
    const connections = next() < 0.5 ? [] : several(60, () => ({
      ...failed(text(300), several(6, () => text(700))),
      connector: text(300),
      log: `/${text(400)}`,
    }));
    const summary = summaryOf(parts({
      connections,
      message: next() < 0.5 ? "" : text(6_000),
      tail: several(40, () => text(1_500)),
      headlineFirst: next() < 0.5,
    }));
    const bytes = new TextEncoder().encode(summary);
    assert.ok(bytes.length <= 4_096, `seed ${seed}: ${bytes.length} bytes`);
    assert.ok(summary.isWellFormed() && !summary.includes("\ufffd"), `seed ${seed}`);
  }
});
