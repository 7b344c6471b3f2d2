/** An error that the user can fix, such as a missing program. */

/** Shown without a stack. `hint` tells the user what to do. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
