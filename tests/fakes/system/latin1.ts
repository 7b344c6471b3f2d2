/** Texts as old editors save them. */

/** One byte a character, as in ISO 8859-1. */
export const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));
