/** Takes known secrets out of a text before it leaves the host. */

const HIDDEN = "[redacted]";
/** Shorter values would blot out ordinary words. */
const SHORTEST_SECRET = 6;

/** Keys whose values are secrets, whatever stands around the word. */
const SECRET_KEY =
  /pass(word|wd|phrase)?$|pwd$|pass(word|phrase)|api[-_.]?key|access[-_.]?key|private[-_.]?key|token|secret|credential/i;
/** `key = value`, `key: value` and `"key": "value"`: properties, YAML and one-line JSON members. */
const PAIR = /^[ \t]*["']?([\w.\-[\] ]+?)["']?[ \t]*[=:][ \t]*(.*?)[ \t]*,?[ \t]*\r?$/gm;

/** A function that replaces each of these values; the longest first, so that no rest of one remains. */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const values = [...new Set([...secrets].flatMap(withLines))]
    .filter((value) => value.length >= SHORTEST_SECRET)
    .toSorted((a, b) => b.length - a.length);
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text);
}

/** A secret of several lines is met line by line in output. */
function withLines(secret: string): string[] {
  const lines = secret.split(/\r?\n|\\n/).map((line) => line.trim());
  return [secret.trim(), ...lines.filter((line) => !line.startsWith("-----"))];
}

/** The values of secret-looking keys in a properties, YAML or JSON text. */
export function secretsIn(text: string): readonly string[] {
  return [...secretsInJson(text), ...secretsInPairs(text)];
}

function* secretsInPairs(text: string): Generator<string> {
  for (const [, key = "", value = ""] of text.matchAll(PAIR)) {
    if (!SECRET_KEY.test(key)) continue;
    const bare = value.replace(/^(["'])(.*)\1$/, "$2");
    yield bare;
    yield bare.replace(/\\(.)/g, "$1"); // properties escape `:` and `=`
  }
}

function secretsInJson(text: string): readonly string[] {
  try {
    return [...secretMembers(JSON.parse(text))];
  } catch {
    return [];
  }
}

function* secretMembers(value: unknown, isSecret = false): Generator<string> {
  if (typeof value === "string" || typeof value === "number") {
    if (isSecret) yield String(value);
  } else if (Array.isArray(value)) {
    for (const item of value) yield* secretMembers(item, isSecret);
  } else if (value !== null && typeof value === "object") {
    for (const [key, member] of Object.entries(value)) {
      yield* secretMembers(member, isSecret || SECRET_KEY.test(key));
    }
  }
}
