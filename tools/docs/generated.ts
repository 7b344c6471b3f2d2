/** The reference pages that are generated from the code. */

import { cliReference } from "./cli.ts";
import { configReference } from "./config.ts";
import { formatted } from "./markdown.ts";
import { routeReference } from "./routes.ts";

export interface GeneratedPage {
  readonly path: string;
  readonly make: () => Promise<string>;
}

export const GENERATED: readonly GeneratedPage[] = [
  { path: "docs/reference/cli.md", make: () => formatted(cliReference()) },
  { path: "docs/reference/config.md", make: () => formatted(configReference()) },
  { path: "docs/reference/routes.md", make: () => formatted(routeReference()) },
];
