/** A value that must not be printed: it shows as `[redacted]` everywhere but in `reveal()`. */

const HIDDEN = "[redacted]";

/** Wraps a secret text; template strings, JSON and the inspector see {@linkcode HIDDEN}. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; the only way to it, so that every use can be searched for. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return HIDDEN;
  }
}
