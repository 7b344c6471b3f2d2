/** Text of others as plain text: without what a terminal or a page would obey instead of show. */

/**
 * Control sequences (ECMA-48, 5.4: colors, the cursor), control strings (5.6: titles, links), other
 * escapes (ECMA-35, 13), and control characters other than tab and line feed.
 */
const CONTROL =
  // deno-lint-ignore no-control-regex -- they are what is taken out
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

export function plainText(text: string): string {
  return text.replace(CONTROL, "");
}
