/** The class of all errors that a person can act on. Any other error is a bug. */

/** Exit codes of the commands (docs/operate/exit-codes.md). */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  prerequisite: 3,
  denied: 4,
  conflict: 5,
  boundary: 6,
  interrupted: 130,
} as const;
export type ExitName = keyof typeof EXIT_CODES;

/** One line of detail; `path` is a place in the input, as in `parameters.connectors.0`. */
export interface ProblemDetail {
  readonly path?: string;
  readonly message: string;
}

export interface ProblemFields {
  /** snake_case. It never changes, because scripts may depend on it. */
  readonly code: string;
  /** What is wrong and where. It starts with "Cannot" and has no final period. */
  readonly message: string;
  /** The next step, as an order: what to type or to open. */
  readonly hint: string;
  readonly exit: Exclude<ExitName, "ok">;
  /** HTTP status of a REST answer; default the status that fits `exit`. */
  readonly status?: number;
  /** Whether the same request can succeed later; default false. */
  readonly retryable?: boolean;
  readonly details?: readonly ProblemDetail[];
  readonly cause?: unknown;
}

const STATUS_BY_EXIT: Readonly<Record<ProblemFields["exit"], number>> = {
  failed: 500,
  usage: 400,
  prerequisite: 500,
  denied: 403,
  conflict: 409,
  boundary: 403,
  interrupted: 500,
};

/** An error with a code, a hint and an exit code. Only the factories in `lib/problems/` make one. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: string;
  readonly hint: string;
  readonly exit: Exclude<ExitName, "ok">;
  readonly status: number;
  readonly retryable: boolean;
  readonly details: readonly ProblemDetail[];

  constructor(fields: ProblemFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.hint = fields.hint;
    this.exit = fields.exit;
    this.status = fields.status ?? STATUS_BY_EXIT[fields.exit];
    this.retryable = fields.retryable ?? false;
    this.details = fields.details ?? [];
  }
}

/** Returns the message of a thrown value, for a log field or a detail. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
