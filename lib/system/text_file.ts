/** Decodes files that must be UTF-8. */

import { fileNotUtf8 } from "../problems/host.ts";

const BOM = "\uFEFF";
const NEWLINE = 0x0a;

/**
 * Decodes strictly, and keeps a byte order mark, so that the text can be written back unchanged. A NUL is
 * refused as well, because it shows that the file is UTF-16.
 * @throws `file_not_utf8`, with the first line that is not UTF-8
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

/** Returns the text without its byte order mark. */
export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}

/** Returns the number of the first line that is not UTF-8. No other character of UTF-8 contains the byte of a line feed. */
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
