/** The way to the network that `bigeye_agent.yml` describes. */

import type { Files } from "../ports.ts";
import { configInvalid } from "../problems/host.ts";
import type { NetworkOptions } from "../system/network.ts";
import { withoutBom } from "../system/text_file.ts";
import { type AgentConfig, CONFIG_FILE } from "./schema.ts";

/** Proxy and further authorities; a relative `ca_file` counts from the host folder. */
export async function readNetwork(
  { proxy, ca_file }: AgentConfig["bigeye"],
  { files, folder }: { readonly files: Pick<Files, "readText">; readonly folder: string },
): Promise<NetworkOptions> {
  const through = proxy ? { proxy } : {};
  if (!ca_file) return through;
  const path = ca_file.startsWith("/") ? ca_file : `${folder}/${ca_file}`;
  const pem = await files.readText(path);
  if (pem !== undefined) return { ...through, caCertificates: [withoutBom(pem)] };
  throw configInvalid(`${folder}/${CONFIG_FILE}`, [
    { path: "bigeye.ca_file", message: `names "${path}", which is not there` },
  ]);
}
