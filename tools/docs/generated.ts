/** The pages that are made from the code, as they must be. */

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
