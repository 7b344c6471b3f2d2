/** The reason of an abort that a person or a service keeper asked for; it is no failure. */

/** The operator, or the service's keeper, asked the process to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signalName: "SIGINT" | "SIGTERM";

  constructor(signalName: "SIGINT" | "SIGTERM") {
    super(`stopped by ${signalName}`);
    this.signalName = signalName;
  }
}
