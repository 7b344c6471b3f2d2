/** Makes one entry point and everything that it imports into a few ES modules. */

import { build } from "esbuild";
import { ROOT } from "../cli/paths.ts";
import { run } from "../cli/run.ts";
import { removeFolder } from "../setup/cache.ts";
import type { NativeAddon } from "./addon.ts";
import { plugins } from "./plugins.ts";

/** CommonJS packages in an ES module still ask for these. */
const COMMONJS = [
  'import { createRequire as __createRequire } from "node:module";',
  'import { fileURLToPath as __toPath } from "node:url";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = __toPath(import.meta.url);",
  'const __dirname = __toPath(new URL(".", import.meta.url));',
].join("");

export interface BundleOptions {
  /** Absolute paths of the entry point and of the folder to write. */
  readonly entry: string;
  readonly outDir: string;
  readonly addon: NativeAddon;
}

/** Bundles with lazy chunks, so that a command loads only what it uses; answers the entry's path. */
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
    // As in deno.json: an import that names nothing is an error and not taken for a type.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    // Not identifiers: stack traces and class names stay readable.
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: COMMONJS },
    // A last line with "sourceMappingURL=data:" in a string literal would be cut off there.
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
  /** The bundle's entry and the executable to write, absolute. */
  readonly entry: string;
  readonly output: string;
  /** The base runtime to put under it. */
  readonly runtime: string;
  readonly permissions: readonly string[];
  /** For good: the program's own users cannot change them. */
  readonly v8Flags: readonly string[];
}

/** Compiles without looking at any configuration, lock or `node_modules`: the bundle is whole. */
export async function compile(options: CompileOptions): Promise<void> {
  const isolation = ["--no-check", "--no-config", "--node-modules-dir=none", "--no-lock"];
  await run([
    Deno.execPath(),
    "compile",
    "--quiet",
    "--no-prompt",
    // It would trust a file of a known name in /tmp, and hold it in memory; the start is no faster for it.
    "--no-code-cache",
    ...isolation,
    ...(options.v8Flags.length > 0 ? [`--v8-flags=${options.v8Flags.join(",")}`] : []),
    ...options.permissions,
    "--output",
    options.output,
    options.entry,
  ], {
    // Telemetry would be baked in, for good, were this set while compiling.
    env: { DENORT_BIN: options.runtime, OTEL_DENO: "false" },
  });
}
