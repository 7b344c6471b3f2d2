/** How a gateway is verified, and what each response to a probe means. */

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

/** Verifies a gateway that gives these answers to clients. Returns "open" or the code of the error. */
async function proof(answers: Partial<Record<string, Answer>>): Promise<string> {
  const clock = virtualClock();
  const probe: ProbeTls = async ({ client, signal }) => {
    const name = client?.certificatePem ?? "none";
    const answer = answers[name] ?? (name === "right" ? "no alert" : "alert");
    if (answer === "silence") await clock.sleep(3_600_000, signal);
    if (answer === "no connection") throw new TypeError("connection refused");
    return answer === "alert" ? "CertificateRequired" : undefined;
  };
  const gateway = { address: "gw:1", hostname: "gw", port: 1, caPem: "CA" };
  const { signal } = new AbortController();
  return await verifyGateway(gateway, { probes, probe, clock, signal }).then(
    () => "open",
    (error) => error.code,
  );
}

// A gateway that closes the connection without an alert, or sends nothing, has accepted the client: Temporal behind
// it is down or slow.
Deno.test("only a TLS alert counts as a refusal of a client", async () => {
  assert.deepEqual([
    await proof({}),
    await proof({ none: "no alert" }),
    await proof({ foreign: "silence" }),
    await proof({ expired: "no alert" }),
  ], ["open", "gateway_open", "gateway_open", "gateway_open"]);
});

Deno.test("a gateway that refuses a valid client, or that cannot be reached, is not verified", async () => {
  assert.deepEqual([
    await proof({ right: "alert" }),
    await proof({ right: "no connection" }),
    await proof({ none: "no connection" }),
    await proof({ right: "silence" }),
  ], ["gateway_unproven", "gateway_unproven", "gateway_unproven", "open"]);
});
