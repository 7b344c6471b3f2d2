/** Reads and writes `bigeye_agent.yml`. The file is the operator's: only our keys change, and nothing is lost. */

import { isDeepStrictEqual } from "node:util";
import type { Files } from "../ports.ts";
import {
  configChanged,
  configInvalid,
  configMissing,
  configNotPatchable,
} from "../problems/host.ts";
import type { NetworkOptions } from "../system/network.ts";
import { withoutBom } from "../system/text_file.ts";
import { parseConfig, readYaml } from "./parse.ts";
import { type Change, patchYaml } from "./patch.ts";
import { absolutePath } from "./resolve.ts";
import { type AgentConfig, CONFIG_FILE } from "./schema.ts";

/** The file when it was read: its settings, and its text, which is compared before the file is written. */
export interface StoredConfig {
  readonly path: string;
  readonly text: string;
  readonly config: AgentConfig;
}

/**
 * Reads the file; `undefined` if it is missing.
 * @throws `config_not_yaml`, `config_invalid`, with line and column of each fault
 */
export async function findConfig(
  path: string,
  files: Pick<Files, "readText">,
): Promise<StoredConfig | undefined> {
  const text = await files.readText(path);
  return text === undefined ? undefined : { path, text, config: parseConfig(text, path) };
}

/**
 * Reads the file, which must exist.
 * @throws `config_missing`, and as {@linkcode findConfig}
 */
export async function readConfig(
  path: string,
  files: Pick<Files, "readText">,
): Promise<StoredConfig> {
  const stored = await findConfig(path, files);
  if (!stored) throw configMissing(path);
  return stored;
}

/**
 * Returns the file with the changes made; the same object if nothing changes.
 * @throws `config_not_patchable` if the layout of the file does not allow it
 */
export function withChanges(stored: StoredConfig, changes: readonly Change[]): StoredConfig {
  const text = changes.reduce(patchYaml, stored.text);
  if (text === stored.text) return stored;
  if (!hasOnlyTheChanges(text, stored.text, changes)) {
    throw configNotPatchable(
      stored.path,
      changes.map(({ path, value }) => `${path.join(".")}: ${JSON.stringify(value)}`),
    );
  }
  return { ...stored, text, config: parseConfig(text, stored.path) };
}

/** Checks that the patched text has the changes and nothing else, because patching YAML as text is error-prone. */
function hasOnlyTheChanges(patched: string, original: string, changes: readonly Change[]): boolean {
  const found = readYaml(patched);
  if (found.errors.length > 0) return false;
  const expected = changes.reduce<unknown>(
    (value, change) => withValue(value, change.path, change.value),
    readYaml(original).toJS(),
  );
  return isDeepStrictEqual(found.toJS(), expected);
}

function withValue(held: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const rows = new Map(held instanceof Object ? Object.entries(held) : []);
  return Object.fromEntries(rows.set(key, withValue(rows.get(key), rest, value)));
}

/**
 * Writes the changed text, and keeps the mode and the owner of the file.
 * @throws `config_changed` if the file is not as it was read
 */
export async function writeConfig(
  before: StoredConfig,
  after: StoredConfig,
  files: Pick<Files, "readText" | "stat" | "writeText">,
): Promise<void> {
  if (after.text === before.text) return;
  const [text, info] = await Promise.all([files.readText(before.path), files.stat(before.path)]);
  if (text !== before.text || !info) throw configChanged(before.path);
  const { mode, uid, gid } = info;
  await files.writeText(before.path, after.text, { mode, owner: { uid, gid } });
}

/**
 * Returns the proxy and the further authority of the settings; a relative `ca_file` is in the host folder.
 * @throws `config_invalid` if `ca_file` is missing
 */
export async function readNetwork(
  { proxy, ca_file }: AgentConfig["bigeye"],
  { files, folder }: { readonly files: Pick<Files, "readText">; readonly folder: string },
): Promise<NetworkOptions> {
  const viaProxy = proxy ? { proxy } : {};
  if (!ca_file) return viaProxy;
  const path = absolutePath(ca_file, folder);
  const pem = await files.readText(path);
  if (pem !== undefined) return { ...viaProxy, caCertificates: [withoutBom(pem)] };
  throw configInvalid(`${folder}/${CONFIG_FILE}`, [
    { path: "bigeye.ca_file", message: `names "${path}", which does not exist` },
  ]);
}
