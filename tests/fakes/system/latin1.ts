/** Texts in ISO 8859-1, as old editors save them. */

/** Encodes each character as one byte. */
export const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));
