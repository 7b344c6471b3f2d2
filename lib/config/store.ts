/** `bigeye_agent.yml` on disk: it is the operator's, so only our keys are written and nothing is lost. */

import { isDeepStrictEqual } from "node:util";
import type { Files } from "../ports.ts";
import { configChanged, configMissing, configNotPatchable } from "../problems/host.ts";
import { parseConfig, readYaml } from "./parse.ts";
import { type Change, patchYaml } from "./patch.ts";
import type { AgentConfig } from "./schema.ts";

/** The file as it was read: what it says, and the text to compare with before it is written. */
export interface StoredConfig {
  readonly path: string;
  readonly text: string;
  readonly config: AgentConfig;
}

/** Reads the file; `undefined` when there is none, a Problem with line and column when it is wrong. */
export async function findConfig(
  path: string,
  files: Pick<Files, "readText">,
): Promise<StoredConfig | undefined> {
  const text = await files.readText(path);
  return text === undefined ? undefined : { path, text, config: parseConfig(text, path) };
}

/** {@linkcode findConfig} where the file must be there. */
export async function readConfig(
  path: string,
  files: Pick<Files, "readText">,
): Promise<StoredConfig> {
  const stored = await findConfig(path, files);
  if (!stored) throw configMissing(path);
  return stored;
}

/** The file as it would be with the changes made; the same object when it says so already. */
export function withChanges(stored: StoredConfig, changes: readonly Change[]): StoredConfig {
  const text = changes.reduce(patchYaml, stored.text);
  if (text === stored.text) return stored;
  if (!saysJust(text, stored.text, changes)) {
    throw configNotPatchable(
      stored.path,
      changes.map(({ path, value }) => `${path.join(".")}: ${JSON.stringify(value)}`),
    );
  }
  return { ...stored, text, config: parseConfig(text, stored.path) };
}

/** Cutting text is easy to get wrong in a corner of YAML: what was cut is read again and compared. */
function saysJust(patched: string, original: string, changes: readonly Change[]): boolean {
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

/** Writes the changed text with the mode and owner that the file had; refuses when it changed meanwhile. */
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
