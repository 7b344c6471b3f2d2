/** A request to the pages, with whom it comes from. */

import type { SerialQueue, TokenBuckets } from "../http/rate_limit.ts";
import type { PageNeeds, Viewer } from "./page.ts";
import type { ReadForm } from "./session/form_reader.ts";

export interface Visit {
  readonly request: Request;
  readonly address: URL;
  /** What the path's parameters stand for. */
  readonly params: Readonly<Record<string, string>>;
  /** The caller's IP address. */
  readonly from: string | undefined;
  /** Absent when nobody is signed in. */
  readonly viewer: Viewer | undefined;
}

export interface VisitNeeds extends PageNeeds {
  /** What is left of the wrong keys that a network may send. */
  readonly wrongKeys: TokenBuckets;
  /** For keys of a network that has none left. */
  readonly inTurn: SerialQueue;
  readonly readForm: ReadForm;
}
