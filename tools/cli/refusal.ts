/** What stops a tool and can be put right by the person who started it. */

/** Shown without a stack; `hint` is an order. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
