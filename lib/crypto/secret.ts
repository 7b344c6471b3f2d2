/** A text that must not be printed: it reads `[redacted]` everywhere except through `reveal()`. */

const HIDDEN = "[redacted]";

/** Wraps a secret text; template strings, JSON and the inspector show {@linkcode HIDDEN}. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the text. This is the only way to it, so every use can be found by searching for the name. */
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
