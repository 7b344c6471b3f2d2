/** `docker compose` is called for one project and one file, with any settings of other stacks. */

import assert from "node:assert/strict";
import { composeStack } from "../../../lib/docker/compose.ts";
import type { Exec, ExecOptions } from "../../../lib/ports.ts";

Deno.test("neither the operator's environment nor a .env changes our stack", async () => {
  const calls: (ExecOptions & { readonly argv: readonly string[] })[] = [];
  const exec: Exec = {
    run: (argv, options) => {
      calls.push({ argv, ...options });
      return Promise.resolve({ code: 0, stdout: "", stderr: "" });
    },
    attach: (argv, options) => {
      calls.push({ argv, ...options });
      return Promise.resolve(0);
    },
  };
  const target = { project: "p", file: "/h/docker-compose.bigeye.yml", folder: "/h" };
  const stack = composeStack(exec, target);
  await stack.run(["ps"]);
  await stack.attach(["up"]);
  const call = (verb: string) => ({
    argv: ["docker", "compose", "-p", "p", "-f", "/h/docker-compose.bigeye.yml", verb],
    cwd: "/h",
    without: /^COMPOSE_/,
    env: { COMPOSE_DISABLE_ENV_FILE: "1" },
  });
  assert.deepEqual(calls, [call("ps"), call("up")]);
});
