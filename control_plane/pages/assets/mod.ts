/** The style sheet, the script and the icon, embedded in the program and served under content-hashed names. */

import mark from "./mark.svg" with { type: "text" };
import live from "./script/live.js" with { type: "text" };
import improvements from "./script/pages.js" with { type: "text" };
import base from "./style/base.css" with { type: "text" };
import forms from "./style/forms.css" with { type: "text" };
import frame from "./style/frame.css" with { type: "text" };
import messages from "./style/messages.css" with { type: "text" };
import narrow from "./style/narrow.css" with { type: "text" };
import runs from "./style/runs.css" with { type: "text" };
import tables from "./style/tables.css" with { type: "text" };

/** Concatenated to one file. Rules for narrow screens come last, because they override. */
const style = [base, frame, tables, forms, messages, runs, narrow].join("\n");
/** Concatenated in this order, because the second calls the first. */
const script = [improvements, live].join("\n");

export interface Asset {
  /** The path contains a hash of the content, so that browsers may cache it for ever. */
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

const [styleSheet, pageScript, icon] = await Promise.all([
  asset(style, { ending: "css", type: "text/css; charset=utf-8" }),
  asset(script, { ending: "js", type: "text/javascript; charset=utf-8" }),
  asset(mark, { ending: "svg", type: "image/svg+xml" }),
]);

export const STYLE: Asset = styleSheet;
export const SCRIPT: Asset = pageScript;
/** Without this link a browser requests /favicon.ico, which does not exist. */
export const ICON: Asset = icon;

async function asset(
  text: string,
  { ending, type }: { ending: string; type: string },
): Promise<Asset> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const name = new Uint8Array(digest).toHex().slice(0, 16);
  return { path: `/assets/${name}.${ending}`, type, text };
}

export function assetAnswer({ text, type }: Asset): Response {
  return new Response(text, {
    headers: { "content-type": type, "cache-control": "public, max-age=31536000, immutable" },
  });
}
