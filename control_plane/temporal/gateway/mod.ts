/** The TLS gateway in front of Temporal: opened once it is proven, kept open, renewed, and closed. */

import { anySignal } from "../../../lib/async/any_signal.ts";
import { certificateLife } from "../../../lib/crypto/certificate_life.ts";
import type { Clock, Env, Exec, Files, KnockTls, Log } from "../../../lib/ports.ts";
import { Problem, reasonOf } from "../../../lib/problems/problem.ts";
import type { Authority } from "../../certificates/authority.ts";
import { addressText } from "../../settings/setting_sources.ts";
import { removeHaproxyFiles, whileHaproxy } from "./haproxy.ts";
import { proveGateway } from "./prove.ts";

export interface GatewayNeeds {
  /** A folder of the gateway alone; it is there only while the gateway is. */
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
  readonly knock: KnockTls;
}

export interface Gateway {
  /** Resolves once the signal has aborted and HAProxy has ended; rejects when it lets strangers in. */
  readonly done: Promise<void>;
}

const PAUSE_MS = 1_000;
/** A machine that was suspended, or whose clock was set, must not sleep beyond the certificate's end. */
const LOOK_EVERY_MS = 3_600_000;

/**
 * Resolves when the gateway is open and has refused strangers. Throws `haproxy_missing`,
 * `gateway_ended`, `gateway_unproven` and `gateway_open`; nothing runs then.
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
  const onProven = () => {
    wasOpen = true;
    onOpen();
  };
  try {
    while (!signal.aborted) {
      try {
        await life(needs, { onOpen: onProven, signal });
      } catch (error) {
        if (signal.aborted) return;
        const isOpen = error instanceof Problem && error.code === "gateway_open";
        if (!wasOpen || isOpen) throw error;
        log("warn", "gateway failed, starting it again", { error: reasonOf(error) });
        await clock.sleep(PAUSE_MS, signal).catch(() => {});
      }
    }
  } finally {
    await removeHaproxyFiles(needs);
  }
}

/** One HAProxy with one certificate, until that is to be renewed. */
async function life(needs: GatewayNeeds, { onOpen, signal }: Keeping): Promise<void> {
  const { listen, authority, clock, log } = needs;
  const hostname = knockedAt(listen.hostname);
  const address = addressText(listen.hostname, listen.port);
  const identity = await authority.issueGateway(hostname);
  const probes = await authority.issueProbes();
  const { renewAt } = certificateLife(identity.certificatePem);

  await whileHaproxy({ ...needs, address, identity, caPem: authority.pem }, needs, async (over) => {
    using until = anySignal(signal, over);
    const door = { address, hostname, port: listen.port, caPem: authority.pem };
    await proveGateway(door, { ...needs, probes, signal: until.signal });
    log("info", "gateway open", { address });
    onOpen();
    for (;;) {
      const left = renewAt.getTime() - clock.now().getTime();
      if (left <= 0) return;
      await clock.sleep(Math.min(left, LOOK_EVERY_MS), until.signal);
    }
  });
}

/** A gateway on all addresses is on loopback as well. */
function knockedAt(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  return hostname === "::" ? "::1" : hostname;
}
