/** Flags that several commands share. */

const toggle = (brief: string) =>
  ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

const text = (placeholder: string, brief: string) =>
  ({ kind: "parsed", brief, placeholder, optional: true, parse: String }) as const;

/** The kinds of flag, and those that mean the same everywhere. */
export const flag = {
  toggle,
  text,
  json: toggle("Print one JSON document on standard output"),
  dryRun: toggle("Say what would be done, change nothing"),
} as const;
