/** Where a text stops being JSON: the engine's own message often leaves the position out. */

const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\]:,]/y;

type Expected = "value" | "first value or ]" | "first key or }" | "key" | ":" | "end or ,";

/** Offset, in UTF-16 code units, of the first token that does not belong; the length when it is cut off. */
export function jsonErrorPosition(text: string): number {
  const open: string[] = [];
  let expected: Expected = "value";
  for (let offset = 0;;) {
    const start = matchAt(SPACE, text, offset)?.end ?? offset;
    const token = matchAt(TOKEN, text, start);
    if (!token) return start;
    const next = after(token.text, expected, open);
    if (next === undefined) return start;
    expected = next;
    offset = token.end;
  }
}

/** What may follow a token where `expected` was due, or nothing when it is out of place. */
function after(token: string, expected: Expected, open: string[]): Expected | undefined {
  const closes = expected === "end or ," || expected.startsWith("first");
  if (token === "}" || token === "]") {
    if (!closes || open.at(-1) !== token) return undefined;
    if (expected === "first key or }" && token !== "}") return undefined;
    open.pop();
    return "end or ,";
  }
  if (token === ":") return expected === ":" ? "value" : undefined;
  if (token === ",") {
    if (expected !== "end or ," || open.length === 0) return undefined;
    return open.at(-1) === "}" ? "key" : "value";
  }
  if (expected === "key" || expected === "first key or }") {
    return token.startsWith('"') ? ":" : undefined;
  }
  if (expected !== "value" && expected !== "first value or ]") return undefined;
  if (token === "{" || token === "[") {
    open.push(token === "{" ? "}" : "]");
    return token === "{" ? "first key or }" : "first value or ]";
  }
  return "end or ,";
}

function matchAt(pattern: RegExp, text: string, offset: number) {
  pattern.lastIndex = offset;
  const match = pattern.exec(text);
  return match ? { text: match[0], end: pattern.lastIndex } : undefined;
}
