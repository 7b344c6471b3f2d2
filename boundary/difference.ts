/** How two plain values differ, place by place. */

/** One place; `expected` and `found` are JSON, or words where there is no value. */
export interface Difference {
  /** As in `services.docker-socket-proxy.environment.EXEC`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Every place in which `found` is not `expected`: keys in any order, lists in theirs. */
export function differencesOf(expected: unknown, found: unknown, path = ""): Difference[] {
  const [left, right] = [entriesOf(expected), entriesOf(found)];
  if (!left || !right || Array.isArray(expected) !== Array.isArray(found)) {
    const texts = { expected: textOf(expected), found: textOf(found) };
    return texts.expected === texts.found ? [] : [{ path, ...texts }];
  }
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
    differencesOf(left.get(key), right.get(key), path === "" ? key : `${path}.${key}`)
  );
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

function textOf(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
