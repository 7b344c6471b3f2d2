/** Runs HAProxy as a child process with its own configuration files. */

import type { Env, Exec, Files } from "../../../lib/ports.ts";
import { gatewayEnded, haproxyMissing } from "../../../lib/problems/plane.ts";
import { GATEWAY_FILES, gatewayConfig, type GatewayPlan } from "../../../templates/gateway.ts";
import type { Identity } from "../../certificates/issue.ts";
import { NOT_FOUND, whileChild } from "../while_child.ts";

export interface HaproxyNeeds {
  /** A folder used by HAProxy only; {@linkcode removeHaproxyFiles} removes it. */
  readonly folder: string;
  readonly env: Env;
  readonly exec: Exec;
  readonly files: Files;
}

export interface HaproxyPlan extends GatewayPlan {
  /** `host:port`, for messages. */
  readonly address: string;
  readonly identity: Identity;
  readonly caPem: string;
}

const CONFIG_FILE = "haproxy.cfg";
/** Debian installs HAProxy here, which is not on an ordinary user's PATH. */
const SBIN = "/usr/local/sbin:/usr/sbin:/sbin";

/**
 * Runs HAProxy until `work` settles, then ends it.
 * @throws `haproxy_missing` or `gateway_ended` if HAProxy ends first.
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

/** Removes all files of the gateway, including its private key. */
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
