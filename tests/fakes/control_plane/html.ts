/** Finds texts and elements in the HTML of pages. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&#39;": "'",
  "&quot;": '"',
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
};

/** Returns the text without tags and pictures, with single spaces. */
export const wordsOf = (html: string): string =>
  html.replaceAll(/<svg.*?<\/svg>/gs, "").replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ")
    .replaceAll(/&(?:#39|quot|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity).trim();

/** Returns the elements of a name, or of several names such as "th|td". */
export const partsOf = (html: string, element: string): readonly string[] =>
  [...html.matchAll(new RegExp(`<(${element})[ >].*?</\\1>`, "gs"))].map(([part]) => part);
