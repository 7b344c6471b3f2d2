/** Parses `.properties` files as Java does, so that values are known in the form in which an agent prints them. */

export interface Property {
  readonly key: string;
  readonly value: string;
  /** The value of all its lines, with its escapes. */
  readonly raw: string;
}

const SPACE = " \t\f";
const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/** Every pair in order, repeated keys included (`java.util.Properties.load(Reader)`). */
export function propertiesIn(text: string): readonly Property[] {
  return logicalLines(text).map(propertyOf);
}

/** Joins continued lines; drops comments, blank lines and the space before a key. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let pending: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, "");
    // In a continuation line `#` and `!` do not begin a comment.
    if (pending === undefined && (line === "" || line.startsWith("#") || line.startsWith("!"))) {
      continue;
    }
    const continues = endsInEscape(line);
    pending = (pending ?? "") + (continues ? line.slice(0, -1) : line);
    if (continues) continue;
    lines.push(pending);
    pending = undefined;
  }
  return pending === undefined ? lines : [...lines, pending];
}

/** Whether the line ends in an odd number of backslashes: in an even number, each pair is one backslash. */
function endsInEscape(line: string): boolean {
  let first = line.length;
  while (line[first - 1] === "\\") first--;
  return (line.length - first) % 2 === 1;
}

function propertyOf(line: string): Property {
  let at = 0;
  const skip = (characters: string) => {
    while (at < line.length && characters.includes(line.charAt(at))) at++;
  };
  while (at < line.length && !`${SPACE}=:`.includes(line.charAt(at))) {
    at += line[at] === "\\" ? 2 : 1;
  }
  const key = line.slice(0, at);
  skip(SPACE);
  if (line[at] === "=" || line[at] === ":") at++;
  skip(SPACE);
  const raw = line.slice(at);
  return { key: unescaped(key), value: unescaped(raw), raw };
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|([^]))/g,
    (_all, code: string | undefined, one: string) =>
      code === undefined ? ESCAPES[one] ?? one : String.fromCharCode(parseInt(code, 16)),
  );
}
