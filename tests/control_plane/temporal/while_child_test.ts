/** Child processes of the control plane: their environment and their end. */

import assert from "node:assert/strict";
import { PLANE_VARIABLES } from "../../../control_plane/settings/sources.ts";
import { isRunning, untilEnded } from "../../fakes/system/process_state.ts";

const moduleAt = (path: string): string =>
  JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);

/** A minimal control plane whose child prints its environment and its process id, and goes on. */
const PLANE = `
const { whileChild } = await import(${moduleAt("control_plane/temporal/while_child.ts")});
const { systemExec } = await import(${moduleAt("lib/system/exec.ts")});
const argv = ["sh", "-c", "env; echo pid=$$; exec sleep 600"];
const plan = { argv, failure: () => new Error("it has ended"), onLine: console.log };
await whileChild(plan, systemExec, () => new Promise(() => setInterval(() => {}, 1_000)));`;

interface Plane {
  /** The lines that the child has printed. The last one is "pid=…". */
  readonly printed: readonly string[];
  kill(): Promise<void>;
}

async function withPlane(work: (plane: Plane) => Promise<void>): Promise<void> {
  const secrets = Object.values(PLANE_VARIABLES).map((name) => [name, "sesame"]);
  const plane = new Deno.Command(Deno.execPath(), {
    args: ["eval", PLANE],
    env: { ...Object.fromEntries(secrets), OF_THE_MACHINE: "yes" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = plane.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const kill = async () => {
    plane.kill("SIGKILL");
    await plane.status;
  };
  let text = "";
  try {
    while (!/^pid=\d+\n/m.test(text)) {
      const { value, done } = await output.read();
      if (done) throw new Error(`the child has not begun:\n${text}`);
      text += value;
    }
    await work({ printed: text.trimEnd().split("\n"), kill });
  } finally {
    await kill().catch(() => {}); // the test may have killed it
    await output.cancel();
  }
}

// Attacker: has broken into the gateway, which the network can reach, and reads its environment variables, such as
// the URL of the database.
Deno.test("a child does not get the control plane's settings in its environment", () =>
  withPlane(({ printed }) => {
    assert.ok(printed.includes("OF_THE_MACHINE=yes"), printed.join("\n"));
    assert.deepEqual(printed.filter((line) => line.includes("sesame")), []);
    return Promise.resolve();
  }));

Deno.test("a child ends when the control plane is killed", () =>
  withPlane(async ({ printed, kill }) => {
    const pid = Number(printed.at(-1)?.slice("pid=".length));
    assert.equal(isRunning(pid), true);
    await kill();
    await untilEnded(pid);
  }));
