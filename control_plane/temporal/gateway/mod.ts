/** The TLS gateway in front of Temporal: starts HAProxy, verifies it, renews its certificate, restarts it. */

import { anySignal } from "../../../lib/async/abort.ts";
import { certificateLife } from "../../../lib/crypto/keys.ts";
import type { Clock, Env, Exec, Files, Log, ProbeTls } from "../../../lib/ports.ts";
import { Problem, reasonOf } from "../../../lib/problems/problem.ts";
import type { Authority } from "../../certificates/authority.ts";
import { addressText } from "../../settings/sources.ts";
import { removeHaproxyFiles, whileHaproxy } from "./haproxy.ts";
import { verifyGateway } from "./prove.ts";

export interface GatewayNeeds {
  /** A folder used by the gateway only; it exists only while the gateway runs. */
  readonly folder: string;
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Plain Temporal, `host:port` on loopback. */
  readonly temporal: string;
  readonly authority: Authority;
  readonly env: Env;
  readonly exec: Exec;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly probe: ProbeTls;
}

export interface Gateway {
  /** Resolves once the signal has aborted and HAProxy has ended; rejects if it admits unauthenticated clients. */
  readonly done: Promise<void>;
}

const PAUSE_MS = 1_000;
/** Checks hourly, so that a suspended machine or a clock change does not delay the renewal past expiry. */
const LOOK_EVERY_MS = 3_600_000;

/**
 * Opens the gateway. Resolves when it is open and has refused unauthenticated clients.
 * @throws `haproxy_missing`, `gateway_ended`, `gateway_unproven`, `gateway_open`; nothing runs then.
 */
export async function openGateway(needs: GatewayNeeds, signal: AbortSignal): Promise<Gateway> {
  const opened = Promise.withResolvers<void>();
  const done = keepOpen(needs, { onOpen: opened.resolve, signal });
  await Promise.race([opened.promise, done]);
  return { done };
}

interface Keeping {
  readonly onOpen: () => void;
  readonly signal: AbortSignal;
}

async function keepOpen(needs: GatewayNeeds, { onOpen, signal }: Keeping): Promise<void> {
  const { clock, log } = needs;
  let wasOpen = false;
  const onVerified = () => {
    wasOpen = true;
    onOpen();
  };
  try {
    while (!signal.aborted) {
      try {
        await life(needs, { onOpen: onVerified, signal });
      } catch (error) {
        if (signal.aborted) return;
        const isOpen = error instanceof Problem && error.code === "gateway_open";
        if (!wasOpen || isOpen) throw error;
        log("warn", "gateway failed, restarting it", { error: reasonOf(error) });
        await clock.sleep(PAUSE_MS, signal).catch(() => {});
      }
    }
  } finally {
    await removeHaproxyFiles(needs);
  }
}

/** Runs one HAProxy process with one certificate, until the certificate is due for renewal. */
async function life(needs: GatewayNeeds, { onOpen, signal }: Keeping): Promise<void> {
  const { listen, authority, clock, log } = needs;
  const hostname = probeAddress(listen.hostname);
  const address = addressText(listen.hostname, listen.port);
  const identity = await authority.issueGateway(hostname);
  const probes = await authority.issueProbes();
  const { renewAt } = certificateLife(identity.certificatePem);

  await whileHaproxy({ ...needs, address, identity, caPem: authority.pem }, needs, async (over) => {
    using until = anySignal(signal, over);
    const door = { address, hostname, port: listen.port, caPem: authority.pem };
    await verifyGateway(door, { ...needs, probes, signal: until.signal });
    log("info", "gateway open", { address });
    onOpen();
    for (;;) {
      const left = renewAt.getTime() - clock.now().getTime();
      if (left <= 0) return;
      await clock.sleep(Math.min(left, LOOK_EVERY_MS), until.signal);
    }
  });
}

/** A gateway that listens on all addresses is probed on loopback. */
function probeAddress(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  return hostname === "::" ? "::1" : hostname;
}
