/** Collects what must not leave the host in a message: the credentials of one agent type, and the host's key. */

import type { BatchAgentType } from "../lib/contract/agent_types.ts";
import type { Files, Log } from "../lib/ports.ts";
import { reasonOf } from "../lib/problem.ts";
import { redactor, secretsIn } from "../lib/redact.ts";
import type { HostSettings } from "./needs.ts";

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
  try {
    const texts = await textsBelow(`${host.folder}/agents/${type}`, { files, depth: DEEPEST });
    const key = await files.readText(`${host.folder}/agent_config/agent_api_key`);
    return redactor([...texts.flatMap(secretsIn), key ?? ""]);
  } catch (error) {
    log("warn", "not every secret of the agent is known", { type, error: reasonOf(error) });
    return redactor([]);
  }
}

async function textsBelow(
  folder: string,
  { files, depth }: { readonly files: Files; readonly depth: number },
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const name of await files.list(folder)) {
    const path = `${folder}/${name}`;
    const info = await files.stat(path);
    if (info?.isDirectory && depth > 0) {
      texts.push(...await textsBelow(path, { files, depth: depth - 1 }));
    } else if (info?.isFile && info.size <= LARGEST_FILE) {
      texts.push(await files.readText(path) ?? "");
    }
  }
  return texts;
}
