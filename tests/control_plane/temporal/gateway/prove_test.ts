/** When a gateway counts as proven: what each answer to a probe means. */

import assert from "node:assert/strict";
import { verifyGateway } from "../../../../control_plane/temporal/gateway/prove.ts";
import type { ProbeTls } from "../../../../lib/ports.ts";
import { virtualClock } from "../../../fakes/system/virtual_clock.ts";

const identity = (name: string) => ({ certificatePem: name, privatePem: name });
const probes = {
  right: identity("right"),
  foreign: identity("foreign"),
  expired: identity("expired"),
};

type Answer = "alert" | "no alert" | "silence" | "no connection";

/** Knocks at a gateway that answers each client as told; "open" or the code of the refusal. */
async function proof(answers: Partial<Record<string, Answer>>): Promise<string> {
  const clock = virtualClock();
  const probe: ProbeTls = async ({ client, signal }) => {
    const name = client?.certificatePem ?? "none";
    const answer = answers[name] ?? (name === "right" ? "no alert" : "alert");
    if (answer === "silence") await clock.sleep(3_600_000, signal);
    if (answer === "no connection") throw new TypeError("connection refused");
    return answer === "alert" ? "CertificateRequired" : undefined;
  };
  const door = { address: "gw:1", hostname: "gw", port: 1, caPem: "CA" };
  const { signal } = new AbortController();
  return await verifyGateway(door, { probes, probe, clock, signal }).then(
    () => "open",
    (error) => error.code,
  );
}

// A gateway that hangs up without a word, or says nothing, has let the stranger through its door: behind it
// Temporal was away, or slow.
Deno.test("only an alert is a refusal", async () => {
  assert.deepEqual([
    await proof({}),
    await proof({ none: "no alert" }),
    await proof({ foreign: "silence" }),
    await proof({ expired: "no alert" }),
  ], ["open", "gateway_open", "gateway_open", "gateway_open"]);
});

Deno.test("a gateway that nobody gets into, or that is not there, is not proven", async () => {
  assert.deepEqual([
    await proof({ right: "alert" }),
    await proof({ right: "no connection" }),
    await proof({ none: "no connection" }),
    await proof({ right: "silence" }),
  ], ["gateway_unproven", "gateway_unproven", "gateway_unproven", "open"]);
});
