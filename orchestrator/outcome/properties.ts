/** Reads `.properties` files exactly as an agent does, so that what it may print is known as it prints it. */

export interface Property {
  readonly key: string;
  readonly value: string;
  /** The value with its escapes, of all its lines. */
  readonly raw: string;
}

const SPACE = " \t\f";
const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/** Every pair, in order, a repeated key as often as it is there (java.util.Properties, `load(Reader)`). */
export function propertiesIn(text: string): readonly Property[] {
  return logicalLines(text).map(propertyOf);
}

/** Lines as they are after continuations: no remarks, no blank ones, nothing in front of the key. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let begun: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, "");
    // Inside a continued line a `#` is an ordinary character.
    if (begun === undefined && (line === "" || line.startsWith("#") || line.startsWith("!"))) {
      continue;
    }
    const goesOn = endsInEscape(line);
    begun = (begun ?? "") + (goesOn ? line.slice(0, -1) : line);
    if (goesOn) continue;
    lines.push(begun);
    begun = undefined;
  }
  return begun === undefined ? lines : [...lines, begun];
}

/** An even number of backslashes is so many escaped backslashes. */
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
