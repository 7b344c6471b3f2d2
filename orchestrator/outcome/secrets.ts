/** Collects what must not leave the host in a message: the credentials of one agent type, and the host's key. */

import type { BatchAgentType } from "../../lib/contract/agent_types.ts";
import type { Files, Log } from "../../lib/ports.ts";
import { reasonOf } from "../../lib/problems/problem.ts";
import { redactor } from "./redact.ts";
import { secretsIn } from "./secrets_in.ts";
import type { HostSettings } from "../run/needs.ts";

/** No file of credentials is larger; what is, holds data. */
const LARGEST_FILE = 1 << 20;
const DEEPEST = 3;

export interface SecretNeeds {
  readonly files: Files;
  readonly log: Log;
  readonly host: Pick<HostSettings, "folder">;
}

/** A function that hides them. Never rejects: what cannot be read here, the agent cannot print either. */
export async function agentRedactor(
  { files, log, host }: SecretNeeds,
  type: BatchAgentType,
): Promise<(text: string) => string> {
  const known = async <T>(path: string, read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      log("warn", "not every secret of the agent is known", { path, error: reasonOf(error) });
      return undefined;
    }
  };
  const folder = `${host.folder}/agents/${type}`;
  const secrets = await secretsBelow(folder, { files, depth: DEEPEST, known });
  const key = `${host.folder}/agent_config/agent_api_key`;
  return redactor([...secrets, await known(key, files.readText(key)) ?? ""]);
}

interface SearchOptions {
  readonly files: Files;
  readonly depth: number;
  /** One file that cannot be read takes no other's secrets with it. */
  readonly known: <T>(path: string, read: Promise<T>) => Promise<T | undefined>;
}

async function secretsBelow(
  folder: string,
  { files, depth, known }: SearchOptions,
): Promise<readonly string[]> {
  const secrets: string[] = [];
  for (const name of await known(folder, files.list(folder)) ?? []) {
    const path = `${folder}/${name}`;
    const info = await known(path, files.stat(path));
    if (info?.isDirectory && depth > 0) {
      secrets.push(...await secretsBelow(path, { files, depth: depth - 1, known }));
    } else if (info?.isFile && info.size <= LARGEST_FILE) {
      const found = files.readBytes(path).then((bytes) =>
        readings(bytes ?? new Uint8Array()).flatMap((text) => secretsIn(text, name))
      );
      secrets.push(...await known(path, found) ?? []);
    }
  }
  return secrets;
}

/**
 * The text as UTF-8, and for a file that is not UTF-8 also as Latin-1: an agent may read it as either, and
 * prints what it has read.
 */
function readings(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  return text.includes("\uFFFD") ? [text, new TextDecoder("latin1").decode(bytes)] : [text];
}
