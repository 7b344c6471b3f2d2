/** The one error class: everything that a person can act on. Anything else that is thrown is a bug. */

/** Exit codes of the commands, by name (docs/operate/exit-codes.md). */
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

/** One line of detail; `path` says where in the input it belongs, as in `parameters.connectors.0`. */
export interface ProblemDetail {
  readonly path?: string;
  readonly message: string;
}

export interface ProblemFields {
  /** Stable, snake_case; scripts may depend on it. */
  readonly code: string;
  /** What is wrong and where: starts "Cannot", no final period. */
  readonly message: string;
  /** What to type or open next, as an order. */
  readonly hint: string;
  readonly exit: Exclude<ExitName, "ok">;
  /** HTTP status when REST answers with it; by default what suits `exit`. */
  readonly status?: number;
  /** Whether the same attempt can succeed later; default false. */
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

/** A failure with a way out. Made only by the factories in `lib/problems/`. */
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

/** The text of whatever was thrown, for a log field or a cause. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
