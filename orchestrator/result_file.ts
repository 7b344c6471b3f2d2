/** Reads `result.json`, which an agent may leave in its run folder. The agent is not trusted. */

import * as v from "valibot";
import { RESULT_FILE } from "../lib/contract/container.ts";
import { type ConnectionResult, ConnectionResultSchema } from "../lib/contract/run.ts";
import type { Files } from "../lib/ports.ts";
import { hostPath, type RunFolder } from "./run_folder.ts";

const LARGEST_RESULT = 1 << 20;
/** Bounds of what is kept on record; a message has room for far less. */
const MOST_CONNECTIONS = 200;
const MOST_ERRORS = 5;
const LONGEST_TEXT = 500;
const LONGEST_MESSAGE = 8_192;

const ResultSchema = v.object({
  message: v.fallback(v.optional(v.string()), undefined),
  connections: v.fallback(v.optional(v.array(v.unknown()), []), []),
});

export interface AgentResult {
  readonly message?: string;
  /** Failed ones first; `log` is a path on the host. */
  readonly connections: readonly ConnectionResult[];
}

/** What the agent says of its run; nothing where there is no such file, or none that can be believed. */
export async function readResult(folder: RunFolder, files: Files): Promise<AgentResult> {
  const path = `${folder.files}/${RESULT_FILE}`;
  // A link could show us a file of the host that the agent cannot read. It has ended: nothing changes now.
  if (await files.isLink(path)) return { connections: [] };
  const info = await files.stat(path);
  if (!info?.isFile || info.size > LARGEST_RESULT) return { connections: [] };
  const bytes = await files.readBytes(path, 0, LARGEST_RESULT);
  return parseResult(new TextDecoder().decode(bytes), folder);
}

export function parseResult(text: string, folder: RunFolder): AgentResult {
  const result = v.safeParse(ResultSchema, jsonOrNothing(text));
  if (!result.success) return { connections: [] };
  const { message = "", connections } = result.output;
  const parsed = connections
    .flatMap((one) => {
      const connection = v.safeParse(ConnectionResultSchema, one);
      return connection.success ? [bounded(connection.output, folder)] : [];
    })
    .toSorted((a, b) => Number(b.status === "failed") - Number(a.status === "failed"))
    .slice(0, MOST_CONNECTIONS);
  const shown = message.trim().slice(0, LONGEST_MESSAGE);
  return { connections: parsed, ...(shown === "" ? {} : { message: shown }) };
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The top lines of its errors, each once, and its log as a path on the host. */
function bounded(connection: ConnectionResult, folder: RunFolder): ConnectionResult {
  const { connector, name, status, errors, log } = connection;
  const lines = errors.flatMap((error) => error.split("\n"))
    .map((line) => line.trim().slice(0, LONGEST_TEXT).toWellFormed())
    .filter((line) => line !== "");
  const path = log === undefined ? undefined : hostPath(folder, log.slice(0, LONGEST_TEXT));
  return {
    connector: connector.slice(0, LONGEST_TEXT).toWellFormed(),
    name: name.slice(0, LONGEST_TEXT).toWellFormed(),
    status,
    errors: [...new Set(lines)].slice(0, MOST_ERRORS),
    ...(path === undefined ? {} : { log: path }),
  };
}
