/** Reads pages as their readers do. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&#39;": "'",
  "&quot;": '"',
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
};

/** The text, without tags and pictures, and without the spaces between them. */
export const wordsOf = (html: string): string =>
  html.replaceAll(/<svg.*?<\/svg>/gs, "").replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ")
    .replaceAll(/&(?:#39|quot|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity).trim();

/** The elements of this name, or of these with a "|" between them. */
export const partsOf = (html: string, element: string): readonly string[] =>
  [...html.matchAll(new RegExp(`<(${element})[ >].*?</\\1>`, "gs"))].map(([part]) => part);
