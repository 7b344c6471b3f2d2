/** A place in the list of runs, as an opaque word for an address. */

import type { Run } from "../../lib/contract/run.ts";

type Point = Pick<Run, "created_at" | "id">;

const POINT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f-]{36})$/;

/** The cursor of what comes after a run. */
export function cursorAfter({ created_at, id }: Point): string {
  return new TextEncoder().encode(`${created_at} ${id}`)
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The place that a cursor names, or nothing when we did not make it. */
export function pointOf(cursor: string): Point | undefined {
  try {
    const text = new TextDecoder().decode(
      Uint8Array.fromBase64(cursor, { alphabet: "base64url" }),
    );
    const [, created_at, id] = POINT.exec(text) ?? [];
    return created_at !== undefined && id !== undefined ? { created_at, id } : undefined;
  } catch {
    return undefined;
  }
}
