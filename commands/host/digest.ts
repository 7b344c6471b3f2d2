/** A fingerprint of what `serve` reads at its start, so that Compose restarts it when that has changed. */

import type { HostPaths } from "../../lib/config/host_paths.ts";
import type { Files } from "../../lib/ports.ts";

/** 16 hexadecimal digits of SHA-256: enough to see a change, too little to learn anything from. */
const DIGITS = 16;

/**
 * Covers the settings, the keys that are exchanged, the authorities and the API keys; not the host's own
 * certificate, which `serve` renews by itself.
 */
export async function settingsDigest(
  paths: HostPaths,
  files: Pick<Files, "readText">,
): Promise<string> {
  const read = [
    paths.config,
    paths.publicKey,
    paths.bigeyeKey,
    paths.temporalCa,
    paths.temporalApiKey,
    paths.agentApiKey,
    paths.networkCa,
  ];
  const texts = await Promise.all(read.map((path) => files.readText(path)));
  const bytes = new TextEncoder().encode(JSON.stringify(texts));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, DIGITS);
}
