/** Resolves a setting: from its flag, else its variable, else its key in the file, else its default. */

import type { Env } from "../ports.ts";

/** The text of a setting and its source. */
export interface Setting {
  readonly value: string;
  /** Where a person would correct it: `--host-id`, `BIGEYE_HOST_ID`, a key of the file, or `the default`. */
  readonly source: string;
}

export interface Places {
  readonly flag?: { readonly name: string; readonly value: string | undefined };
  readonly variable?: string;
  readonly key?: { readonly name: string; readonly value: string | null | undefined };
  readonly fallback?: string;
}

/** Returns the value of the first place that has one; an empty text counts as absent. */
export function resolveSetting(places: Places, env: Env): Setting | undefined {
  const candidates: readonly (readonly [string, string | null | undefined])[] = [
    [places.flag?.name ?? "", places.flag?.value],
    [places.variable ?? "", places.variable === undefined ? undefined : env(places.variable)],
    [places.key?.name ?? "", places.key?.value],
    ["the default", places.fallback],
  ];
  for (const [source, value] of candidates) {
    if (value) return { value, source };
  }
  return undefined;
}

/** Returns a path that was given as a setting; a relative one begins at `folder`. */
export const absolutePath = (path: string, folder: string): string =>
  path.startsWith("/") ? path : `${folder}/${path}`;
