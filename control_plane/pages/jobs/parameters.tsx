/** A job's parameters in words; of what a newer version wrote, the names as they are. */

import type { Child } from "hono/jsx";

const NAMES: Readonly<Record<string, string>> = {
  connectors: "Connector types",
  connection_name: "Connection",
  file_name: "File",
  command: "Command",
};

export function parameterFacts(
  parameters: Readonly<Record<string, unknown>>,
): (readonly [string, Child])[] {
  return Object.entries(parameters).map(([name, value]) => [
    NAMES[name] ?? name,
    <code>{Array.isArray(value) ? value.join(", ") : String(value)}</code>,
  ]);
}
