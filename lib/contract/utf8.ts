/** Measures and shortens texts by bytes of UTF-8, which is how limits on the wire count. */

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** The text, or as much of its beginning as fits with `…` at the end. No character is split. */
export function shortened(text: string, bytes: number): string {
  const whole = text.toWellFormed();
  if (byteLength(whole) <= bytes) return whole;
  const room = bytes - byteLength("…");
  if (room < 0) return "";
  const { read } = encoder.encodeInto(whole, new Uint8Array(room));
  return `${whole.slice(0, read)}…`;
}
