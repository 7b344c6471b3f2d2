/**
 * Reads and writes recorded histories of workflows. The files contain decrypted payloads, so that they are short and
 * readable and need no key. The replay encrypts them again.
 */

import { defaultPayloadConverter, type Payload, type PayloadCodec } from "@temporalio/common";
import {
  type JSONPayload,
  JSONToPayload,
  payloadToJSON,
} from "@temporalio/common/lib/proto-utils.js";

export interface RecordedHistory {
  readonly events: readonly unknown[];
}

/** A payload in a file: its value, or a mark that it has none. */
type OpenPayload = { readonly json: unknown } | { readonly empty: true };

const FOLDER = new URL("histories/", import.meta.url);
/** Fields of a machine, a process or a server. They are not replayed. */
const LEFT_OUT = new Set([
  "header",
  "identity",
  "meteringMetadata",
  "requestId",
  "stackTrace",
  "taskId",
  "workerVersion",
]);
/** A field with payloads that Temporal does not pass through the codec. */
const NEVER_SEALED = "searchAttributes";

/** Returns the names of the recorded histories. Each is the name of a scenario. */
export function recordedWays(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name.replace(/\.json$/, "")).toSorted();
}

/** Reads a history as Temporal gives it to a worker, with encrypted payloads. */
export async function readHistory(way: string, codec: PayloadCodec): Promise<RecordedHistory> {
  const { events } = JSON.parse(await Deno.readTextFile(fileOf(way)));
  return { events: await mapped(events, (part) => isOpen(part) ? sealed(part, codec) : undefined) };
}

/** Writes a history from Temporal, one event per line. */
export async function writeHistory(
  way: string,
  { events }: RecordedHistory,
  codec: PayloadCodec,
): Promise<void> {
  const open = await mapped(events, (part) => isPayload(part) ? opened(part, codec) : undefined);
  const lines = open.map((event) =>
    JSON.stringify(event, (key, value) => LEFT_OUT.has(key) ? undefined : value)
  );
  await Deno.mkdir(FOLDER, { recursive: true });
  await Deno.writeTextFile(fileOf(way), `{"events": [\n${lines.join(",\n")}\n]}\n`);
}

const fileOf = (way: string): URL => new URL(`${way}.json`, FOLDER);

async function opened(sealed: JSONPayload, codec: PayloadCodec): Promise<OpenPayload> {
  const [payload = {}] = await codec.decode([JSONToPayload(sealed)]);
  const json = defaultPayloadConverter.fromPayload(payload);
  return json === undefined ? { empty: true } : { json };
}

async function sealed(open: OpenPayload, codec: PayloadCodec): Promise<JSONPayload> {
  const value = "json" in open ? open.json : undefined;
  const payload: Payload = defaultPayloadConverter.toPayload(value);
  const [closed = {}] = await codec.encode([payload]);
  return payloadToJSON(closed);
}

type Turn = (part: object) => Promise<object> | undefined;

/** Returns a deep copy in which `turn` has replaced parts. It returns `undefined` for a part that it keeps. */
function mapped(parts: readonly unknown[], turn: Turn): Promise<unknown[]> {
  return Promise.all(parts.map(async (part) => {
    if (Array.isArray(part)) return await mapped(part, turn);
    if (part === null || typeof part !== "object") return part;
    const turned = turn(part);
    if (turned) return await turned;
    const entries = Object.entries(part).map(async ([key, value]) => {
      if (key === NEVER_SEALED) return [key, value];
      const [other] = await mapped([value], turn);
      return [key, other];
    });
    return Object.fromEntries(await Promise.all(entries));
  }));
}

const isOpen = (part: object): part is OpenPayload => "json" in part || "empty" in part;

function isPayload(part: object): part is JSONPayload {
  const metadata = "metadata" in part ? part.metadata : undefined;
  return typeof metadata === "object" && metadata !== null && "encoding" in metadata;
}
