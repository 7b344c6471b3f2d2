/** Child processes: output, exit codes, aborts, and children that die with their parent. */

import assert from "node:assert/strict";
import { isRunning } from "../../fakes/system/process_state.ts";
import { dyingWith, systemExec as exec } from "../../../lib/system/exec.ts";

Deno.test("a child's two streams and its exit code are returned separately", async () => {
  const result = await exec.run(["bash", "-c", "echo out; echo $WORD >&2; exit 3"], {
    env: { WORD: "err" },
  });
  assert.deepEqual(result, { code: 3, stdout: "out\n", stderr: "err\n" });
});

Deno.test("a missing program is exit code 127, as in a shell", async () => {
  const result = await exec.run(["no-such-program-here"]);
  assert.deepEqual(result, {
    code: 127,
    stdout: "",
    stderr: "no-such-program-here: command not found",
  });
});

Deno.test("an abort ends the child and rejects with the signal's own reason", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  let pid = 0;
  const running = exec.run(["bash", "-c", "echo $$; exec sleep 600"], {
    signal: stop.signal,
    onLine(line) {
      pid = Number(line);
      stop.abort(reason);
    },
  });
  await assert.rejects(running, (thrown) => thrown === reason);
  assert.deepEqual([pid > 0, isRunning(pid)], [true, false]);
});

Deno.test("with onLine, lines of both streams are passed on as they come, and nothing is captured", async () => {
  const lines: string[] = [];
  const result = await exec.run(["bash", "-c", "printf 'a\\nb'; echo c >&2; exit 3"], {
    onLine: (line) => void lines.push(line),
  });
  assert.deepEqual(result, { code: 3, stdout: "", stderr: "" });
  assert.deepEqual(lines.toSorted(), ["a", "b", "c"]);
});

Deno.test("a child that ignores SIGTERM gets SIGKILL after its grace", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const ignoring = "trap '' TERM; echo $$; while :; do sleep 0.05; done";
  let pid = 0;
  const running = exec.run(["bash", "-c", ignoring], {
    signal: stop.signal,
    graceMs: 20,
    onLine(line) {
      pid = Number(line);
      stop.abort(reason);
    },
  });
  await assert.rejects(running, (thrown) => thrown === reason);
  assert.deepEqual([pid > 0, isRunning(pid)], [true, false]);
});

Deno.test("a child that ends with its parent starts only while the parent runs", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const own = await exec.run(["echo", "begun"], { diesWithUs: true });
  assert.deepEqual(own, { code: 0, stdout: "begun\n", stderr: "" });
  const orphan = await exec.run([...dyingWith(0), "echo", "begun"]);
  assert.deepEqual(orphan, { code: 1, stdout: "", stderr: "" });
});

Deno.test("a child does not get the variables that were removed from its environment, and gets the added ones", async () => {
  Deno.env.set("COMPOSE_FILE", "other.yml");
  Deno.env.set("COMPOSER", "Bach");
  try {
    const { stdout } = await exec.run(["env"], {
      without: /^COMPOSE_/,
      env: { COMPOSE_DISABLE_ENV_FILE: "1" },
    });
    const seen = stdout.split("\n").filter((line) => line.startsWith("COMPOSE")).toSorted();
    assert.deepEqual(seen, ["COMPOSER=Bach", "COMPOSE_DISABLE_ENV_FILE=1"]);
  } finally {
    Deno.env.delete("COMPOSE_FILE");
    Deno.env.delete("COMPOSER");
  }
});
