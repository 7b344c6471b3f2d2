/** Tests that `register` refuses something with an exit code, a message and a hint, and changes nothing. */

import assert from "node:assert/strict";
import type { ExecResult } from "../../../lib/ports.ts";
import { testPlane } from "../../fakes/control_plane/plane.ts";
import { FOLDER, makeWorld, type RunOptions, type World } from "../world.ts";

export const LINE = "bigeye-agent register --host-id prod-1";
export const CONFIG = `${FOLDER}/bigeye_agent.yml`;

export interface Refusal {
  readonly line?: string;
  readonly texts?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly docker?: readonly [start: string, result: Partial<ExecResult>];
  /** Prepares the account or the host. */
  readonly before?: (world: World) => Promise<unknown> | unknown;
  readonly exit: number;
  /** The message and the hint on stderr. */
  readonly noted: readonly [message: string, hint: string];
}

/** Registers a test for each refusal, with its name. */
export function testRefusals(refusals: Readonly<Record<string, Refusal>>): void {
  for (const [name, wanted] of Object.entries(refusals)) {
    Deno.test(`register refuses ${name} and changes nothing`, async () => {
      await using plane = await testPlane();
      const { texts = {}, before, docker, line = LINE } = wanted;
      const world = await makeWorld({ texts, plane });
      await before?.(world);
      if (docker) world.docker.answer(...docker);
      const files = world.files.snapshot();

      const { code, noted, said } = await world.run(line, optionsFor(wanted, plane.keys));
      const lines = noted.filter((text) => /^(error:| hint:)/.test(text));
      assert.deepEqual({ code, lines, said }, {
        code: wanted.exit,
        lines: [`error: ${wanted.noted[0]}`, ` hint: ${wanted.noted[1]}`],
        said: [],
      });
      assert.deepEqual(world.files.snapshot(), files);
      assert.deepEqual(world.calls.filter((call) => !call.startsWith("GET ")), []);
    });
  }
}

function optionsFor({ env, input }: Refusal, keys: Readonly<Record<string, string>>): RunOptions {
  const all = {
    BIGEYE_URL: "https://bigeye.test",
    BIGEYE_PERSONAL_API_KEY: keys["admin"] ?? "",
    BIGEYE_AGENT_API_KEY: keys["agent"] ?? "",
    ...env,
  };
  return { env: all, ...(input === undefined ? {} : { input }) };
}
