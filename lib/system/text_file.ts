/** The text of a file that is UTF-8 and nothing else. */

import { fileNotUtf8 } from "../problems/host.ts";

const BOM = "\uFEFF";
const NEWLINE = 0x0a;

/**
 * Decodes strictly, and keeps a byte order mark: what is written back must be what was read. Throws
 * `file_not_utf8` with the first line that is something else. A NUL is too: it is how UTF-16 looks.
 */
export function decodedText(bytes: Uint8Array, path: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw fileNotUtf8(path, firstBadLine(bytes));
}

/** The text without its byte order mark, for those who read it as nothing but text. */
export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}

/** No character of UTF-8 has a line feed's byte in it, so the lines can be taken apart first. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let line = 1, start = 0;; line++) {
    const end = bytes.indexOf(NEWLINE, start);
    const piece = bytes.subarray(start, end < 0 ? bytes.length : end);
    try {
      if (decoder.decode(piece).includes("\0") || end < 0) return line;
    } catch {
      return line;
    }
    start = end + 1;
  }
}
