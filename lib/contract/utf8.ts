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

/** The text, or as much of its end as fits with `…` before it. No character is split. */
export function shortenedFront(text: string, bytes: number): string {
  const whole = encoder.encode(text.toWellFormed());
  if (whole.length <= bytes) return text.toWellFormed();
  const room = bytes - byteLength("…");
  if (room < 0) return "";
  let start = whole.length - room;
  while (((whole[start] ?? 0) & 0xc0) === 0x80) start++; // the middle of a character (RFC 3629)
  return `…${new TextDecoder().decode(whole.subarray(start))}`;
}
