/**
 * Recorded histories of workflows. The files hold the payloads opened, so that they are short, show
 * what the workflow saw, and need no key. The replay seals them again.
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

/** A payload as a file has it: its value, or that it holds none. */
type OpenPayload = { readonly json: unknown } | { readonly empty: true };

const FOLDER = new URL("histories/", import.meta.url);
/** They belong to a machine, a process or a server, and are not replayed. */
const LEFT_OUT = new Set([
  "header",
  "identity",
  "meteringMetadata",
  "requestId",
  "stackTrace",
  "taskId",
  "workerVersion",
]);
/** Has the form of payloads, and passes no codec. */
const NEVER_SEALED = "searchAttributes";

/** The names of the recorded histories. Each names the way that its workflow went. */
export function recordedWays(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name.replace(/\.json$/, "")).toSorted();
}

/** A history as Temporal gives it to a worker: every payload is sealed. */
export async function readHistory(way: string, codec: PayloadCodec): Promise<RecordedHistory> {
  const { events } = JSON.parse(await Deno.readTextFile(fileOf(way)));
  return { events: await mapped(events, (part) => isOpen(part) ? sealed(part, codec) : undefined) };
}

/** Writes a history that Temporal gave, one event a line. */
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

/** A copy in which `turn` has replaced the parts that it wants to, however deep they lie. */
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
