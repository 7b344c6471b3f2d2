/** Reads `result.json`, which an agent may leave in its run folder. The agent is not trusted. */

import * as v from "valibot";
import { RESULT_FILE } from "../../lib/contract/container.ts";
import { type ConnectionResult, ConnectionResultSchema } from "../../lib/contract/run.ts";
import { plainText } from "./plain_text.ts";
import type { Files } from "../../lib/ports.ts";
import { hostPath, type RunFolder } from "../run/run_folder.ts";

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

type Redact = (text: string) => string;

/** What the agent says of its run, secrets hidden; nothing where no file is there that can be believed. */
export async function readResult(
  folder: RunFolder,
  { files, redact }: { readonly files: Files; readonly redact: Redact },
): Promise<AgentResult> {
  const path = `${folder.files}/${RESULT_FILE}`;
  // A link could show us a file of the host that the agent cannot read. It has ended: nothing changes now.
  if (await files.isLink(path)) return { connections: [] };
  const info = await files.stat(path);
  if (!info?.isFile || info.size > LARGEST_RESULT) return { connections: [] };
  const bytes = await files.readBytes(path, 0, LARGEST_RESULT);
  // In this order: a secret with a color inside is one only without it.
  const clean = (text: string) => redact(plainText(text));
  return parseResult(new TextDecoder().decode(bytes), { folder, redact: clean });
}

interface Shown {
  readonly folder: RunFolder;
  readonly redact: Redact;
}

function parseResult(text: string, shown: Shown): AgentResult {
  const result = v.safeParse(ResultSchema, jsonOrNothing(text));
  if (!result.success) return { connections: [] };
  const { message = "", connections } = result.output;
  const parsed = connections
    .flatMap((one) => {
      const connection = v.safeParse(ConnectionResultSchema, one);
      return connection.success ? [bounded(connection.output, shown)] : [];
    })
    .toSorted((a, b) => Number(b.status === "failed") - Number(a.status === "failed"))
    .slice(0, MOST_CONNECTIONS);
  const said = shown.redact(message).trim().slice(0, LONGEST_MESSAGE);
  return { connections: parsed, ...(said === "" ? {} : { message: said }) };
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The top lines of its errors, each once, and its log as a path on the host. Secrets are hidden before
 * anything is cut: of one that straddles a cut, a part would stay that no redactor knows.
 */
function bounded(connection: ConnectionResult, { folder, redact }: Shown): ConnectionResult {
  const { connector, name, status, errors, log } = connection;
  const cut = (text: string) => text.slice(0, LONGEST_TEXT).toWellFormed();
  const lines = errors.flatMap((error) => redact(error).split("\n"))
    .map((line) => cut(line.trim()))
    .filter((line) => line !== "");
  const path = log === undefined ? undefined : hostPath(folder, log);
  return {
    connector: cut(redact(connector)),
    name: cut(redact(name)),
    status,
    errors: [...new Set(lines)].slice(0, MOST_ERRORS),
    ...(path === undefined ? {} : { log: cut(redact(path)) }),
  };
}
