/** HAProxy as a child: its files, one process at a time, and none left behind. */

import type { Env, Exec, Files } from "../../../lib/ports.ts";
import { gatewayEnded, haproxyMissing } from "../../../lib/problems/plane.ts";
import { GATEWAY_FILES, gatewayConfig, type GatewayPlan } from "../../../templates/gateway.ts";
import type { Identity } from "../../certificates/issue.ts";
import { NOT_FOUND, whileChild } from "../while_child.ts";

export interface HaproxyNeeds {
  /** A folder of its own, which is removed with {@linkcode removeHaproxyFiles}. */
  readonly folder: string;
  readonly env: Env;
  readonly exec: Exec;
  readonly files: Files;
}

export interface HaproxyPlan extends GatewayPlan {
  /** As in messages, `host:port`. */
  readonly address: string;
  readonly identity: Identity;
  readonly caPem: string;
}

const CONFIG_FILE = "haproxy.cfg";
/** Debian puts it where an ordinary user's PATH does not lead. */
const SBIN = "/usr/local/sbin:/usr/sbin:/sbin";

/**
 * Runs HAProxy while `work` does, and ends it then; rejects as soon as either does, with
 * `haproxy_missing` or `gateway_ended` when that was HAProxy.
 */
export async function whileHaproxy(
  plan: HaproxyPlan,
  needs: HaproxyNeeds,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { folder, env, exec } = needs;
  await writeFiles(plan, needs);
  await whileChild(
    {
      argv: ["haproxy", "-db", "-f", `${folder}/${CONFIG_FILE}`],
      cwd: folder,
      env: { PATH: `${env("PATH") ?? "/usr/bin:/bin"}:${SBIN}` },
      failure: ({ code, words }) =>
        code === NOT_FOUND ? haproxyMissing() : gatewayEnded(plan.address, words),
    },
    exec,
    work,
  );
}

/** Nothing of the gateway stays, its private key above all. */
export async function removeHaproxyFiles(
  { folder, files }: Pick<HaproxyNeeds, "folder" | "files">,
): Promise<void> {
  await files.remove(folder);
}

async function writeFiles(
  { identity, caPem, listen, temporal }: HaproxyPlan,
  { folder, files }: HaproxyNeeds,
): Promise<void> {
  await files.makeDir(folder, 0o700);
  const write = (name: string, text: string) =>
    files.writeText(`${folder}/${name}`, text, { mode: 0o600 });
  await write(GATEWAY_FILES.certificate, `${identity.certificatePem}${identity.privatePem}`);
  await write(GATEWAY_FILES.authority, caPem);
  await write(CONFIG_FILE, gatewayConfig({ listen, temporal }));
}
