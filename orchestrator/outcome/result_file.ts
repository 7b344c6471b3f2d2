/** Reads `result.json`, which an agent may leave in its run folder. The agent is not trusted. */

import * as v from "valibot";
import { RESULT_FILE, RUN_MOUNT } from "../../lib/contract/container.ts";
import { type ConnectionResult, ConnectionResultSchema } from "../../lib/contract/run.ts";
import type { Files } from "../../lib/ports.ts";
import type { Redact } from "./redaction.ts";

const LARGEST_RESULT = 1 << 20;
/** Bounds of what Bigeye keeps. A run's message has room for far less. */
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
  /** Failed ones first. `log` is a path on the host. */
  readonly connections: readonly ConnectionResult[];
}

/**
 * Reads the redacted result from the host's path of the run mount. A file that is absent, a link, too
 * large or malformed counts as an empty result.
 */
export async function readResult(
  folder: string,
  { files, redact }: { readonly files: Files; readonly redact: Redact },
): Promise<AgentResult> {
  const path = `${folder}/${RESULT_FILE}`;
  // A link could point to a host file that the agent itself cannot read. The agent has exited, so the
  // file cannot be replaced between these calls.
  if (await files.isLink(path)) return { connections: [] };
  const info = await files.stat(path);
  if (!info?.isFile || info.size > LARGEST_RESULT) return { connections: [] };
  const bytes = await files.readBytes(path, 0, LARGEST_RESULT);
  return parseResult(new TextDecoder().decode(bytes), { folder, redact });
}

interface Shown {
  readonly folder: string;
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
 * Keeps the first distinct error lines, and makes the log a path on the host. Texts are redacted before
 * they are cut: a cut would leave a part of a secret that the redactor does not know.
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

/** Maps a path inside the run mount to the host. Any other path, and one that leaves the mount, gives `undefined`. */
function hostPath(folder: string, containerPath: string): string | undefined {
  const [, inside] = containerPath.split(`${RUN_MOUNT}/`, 2);
  if (!containerPath.startsWith(`${RUN_MOUNT}/`) || !inside) return undefined;
  const parts = inside.split("/").filter((part) => part !== "" && part !== ".");
  // deno-lint-ignore no-control-regex -- the message shows a path on one line
  if (parts.includes("..") || /[\x00-\x1f\x7f]/.test(inside) || parts.length === 0) {
    return undefined;
  }
  return [folder, ...parts].join("/");
}
