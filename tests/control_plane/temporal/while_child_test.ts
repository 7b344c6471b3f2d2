/** What a program that works for the control plane gets of it. */

import assert from "node:assert/strict";
import { PLANE_VARIABLES } from "../../../control_plane/settings/sources.ts";
import { whileChild } from "../../../control_plane/temporal/while_child.ts";
import type { Exec, ExecOptions } from "../../../lib/ports.ts";

// Somebody has broken into the gateway, which all the network reaches, and reads its environment: with the
// URL of the database in it he has the account.
Deno.test("a child dies with the control plane, and knows nothing of what that was told in its environment", async () => {
  const known: ExecOptions[] = [];
  const exec: Exec = {
    run: (_argv, options = {}) => {
      known.push(options);
      return new Promise((_resolve, reject) =>
        options.signal?.addEventListener("abort", () => reject(options.signal?.reason))
      );
    },
    attach: () => Promise.reject(new Error("not to be attached")),
  };
  const failure = () => new Error("it has ended");
  await whileChild({ argv: ["haproxy"], failure }, exec, () => Promise.resolve());
  const [{ diesWithUs, without } = {}] = known;
  assert.deepEqual([diesWithUs, without], [true, Object.values(PLANE_VARIABLES)]);
});
