/** Image references, and what a failed pull means. */

import type { Problem } from "../problems/problem.ts";
import * as problems from "../problems/docker.ts";

/**
 * The query of `POST /images/create`. A reference without a tag means `latest`: without the `tag`
 * parameter the engine would pull every tag that there is.
 */
export function pullQuery(reference: string): Readonly<Record<string, string>> {
  const digest = reference.indexOf("@");
  if (digest >= 0) {
    return { fromImage: withoutTag(reference.slice(0, digest)), tag: reference.slice(digest + 1) };
  }
  const name = withoutTag(reference);
  return { fromImage: name, tag: reference.slice(name.length + 1) || "latest" };
}

function withoutTag(reference: string): string {
  const colon = reference.indexOf(":", reference.lastIndexOf("/") + 1); // a port is no tag
  return colon < 0 ? reference : reference.slice(0, colon);
}

type PullCode = Parameters<typeof problems.pullFailed>[1]["code"];

/** Texts of registries and the engine, as met in the wild; the first that fits decides. */
const MEANINGS: readonly (readonly [RegExp, PullCode])[] = [
  [/toomanyrequests|too many requests|rate limit|\b429\b/i, "rate_limited"],
  [/no space left|disk quota exceeded/i, "disk_pressure"],
  [
    /unauthorized|authentication required|no basic auth|access denied|\bdenied\b|forbidden/i,
    "image_auth",
  ],
];

/**
 * A failed pull, by its text. What fits nothing else is `image_missing`: it is not here, and for
 * whatever reason (not there, registry out of reach) it could not be had.
 */
export function pullProblem(image: string, answer: string): Problem {
  const code = MEANINGS.find(([text]) => text.test(answer))?.[1] ?? "image_missing";
  return problems.pullFailed(image, { code, answer });
}
