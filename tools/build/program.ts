/** Makes one executable file of an entry point: bundles its modules, and compiles the bundle. */

import { build } from "esbuild";
import { ROOT } from "../cli/paths.ts";
import { run } from "../cli/run.ts";
import { removeFolder } from "../setup/cache.ts";
import type { NativeAddon } from "./addon.ts";
import { plugins } from "./plugins.ts";

/** CommonJS packages still need these names in an ES module. */
const COMMONJS = [
  'import { createRequire as __createRequire } from "node:module";',
  'import { fileURLToPath as __toPath } from "node:url";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = __toPath(import.meta.url);",
  'const __dirname = __toPath(new URL(".", import.meta.url));',
].join("");

export interface BundleOptions {
  /** Absolute paths of the entry point and of the output folder. */
  readonly entry: string;
  readonly outDir: string;
  readonly addon: NativeAddon;
}

/** Bundles with lazy chunks, so that a command loads only what it uses. Returns the path of the entry. */
export async function bundle(options: BundleOptions): Promise<string> {
  await removeFolder(options.outDir);
  await build({
    entryPoints: { main: options.entry },
    outdir: options.outDir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
    // As in deno.json: imports of types must be marked, others are kept.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    // Identifiers stay, so that stack traces and class names are readable.
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: COMMONJS },
    // Deno cuts a last line off at "sourceMappingURL=data:", even inside a string literal.
    footer: { js: "\n// end" },
    inject: [`${ROOT}/tools/build/node_globals.js`],
    define: {
      NATIVE_ADDON: JSON.stringify({
        offset: options.addon.offset,
        length: options.addon.length,
        sha256: options.addon.sha256,
      }),
    },
    plugins: plugins(`${ROOT}/lib/temporal/addon.ts`),
    logLevel: "warning",
  });
  return `${options.outDir}/main.mjs`;
}

export interface CompileOptions {
  /** Absolute paths of the bundle's entry and of the executable to write. */
  readonly entry: string;
  readonly output: string;
  /** Path of the base runtime. */
  readonly runtime: string;
  readonly permissions: readonly string[];
  /** Users of the program cannot change these. */
  readonly v8Flags: readonly string[];
}

/** Compiles without configuration, lock file or `node_modules`, because the bundle is complete. */
export async function compile(options: CompileOptions): Promise<void> {
  const isolation = ["--no-check", "--no-config", "--node-modules-dir=none", "--no-lock"];
  await run([
    Deno.execPath(),
    "compile",
    "--quiet",
    "--no-prompt",
    // The code cache would trust a file with a known name in /tmp, and does not speed up the start.
    "--no-code-cache",
    ...isolation,
    ...(options.v8Flags.length > 0 ? [`--v8-flags=${options.v8Flags.join(",")}`] : []),
    ...options.permissions,
    "--output",
    options.output,
    options.entry,
  ], {
    // OTEL_DENO at compile time would be built into the program.
    env: { DENORT_BIN: options.runtime, OTEL_DENO: "false" },
  });
}
