/** The way to a host, wherever one is named. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { hostPath } from "../paths.ts";

export function HostLink({ id, look = "calm id" }: { id: string; look?: string }): JSX.Element {
  return <a class={look} href={hostPath(id)} title={id}>{id}</a>;
}
