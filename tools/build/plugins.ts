/** esbuild plugins: make npm packages for Node run in the bundle, and drop what a native Temporal worker never uses. */

import type { Plugin } from "esbuild";
import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";

/** Needed only to bundle workflows, which is done at build time; `@temporalio/worker` imports them eagerly. */
const BUILD_ONLY = ["webpack", "memfs", "unionfs", "swc-loader", "source-map-loader", "@swc/core"];

/** Deno refuses bare names of built-in modules such as `perf_hooks` in an ES module. */
const nodePrefix: Plugin = {
  name: "node-prefix",
  setup(build) {
    const builtins = new Set(builtinModules);
    build.onResolve(
      { filter: /^[a-z_/]+$/ },
      ({ path }) => builtins.has(path) ? { path: `node:${path}`, external: true } : undefined,
    );
  },
};

const textImports: Plugin = {
  name: "text-imports",
  setup(build) {
    build.onLoad(
      { filter: /.*/ },
      async ({ path, with: attributes }) =>
        attributes["type"] === "text"
          ? { contents: await readFile(path), loader: "text" }
          : undefined,
    );
  },
};

const withoutBundler: Plugin = {
  name: "without-bundler",
  setup(build) {
    const names = new Set(BUILD_ONLY);
    build.onResolve(
      { filter: /^[@a-z]/ },
      ({ path }) => names.has(path) ? { path, namespace: "build-only" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "build-only" }, () => ({
      contents: "module.exports = {};",
    }));
    // The bundler resolves loader files when it is imported. They are never used.
    build.onLoad({ filter: /@temporalio\/worker\/lib\/.*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/require\.resolve\(([^)]+)\)/g, "($1)"),
    }));
  },
};

/** Makes the SDK load the native addon through our loader, because a bundle cannot contain it. */
function nativeAddon(loader: string): Plugin {
  return {
    name: "native-addon",
    setup(build) {
      build.onLoad({ filter: /@temporalio\/core-bridge\/index\.js$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        const patched = source
          .replace("const nativeLibPath = getPrebuiltPath();", "")
          .replace(
            "require(nativeLibPath)",
            `require(${JSON.stringify(loader)}).loadNativeAddon()`,
          );
        if (patched.includes("nativeLibPath") || patched === source) {
          throw new Error(`Cannot find where "${path}" loads its addon: is the package newer?`);
        }
        return { contents: patched };
      });
    },
  };
}

/** Embeds the WebAssembly of `source-map`, which reads it from a file. The worker maps stack traces with it. */
const embeddedWasm: Plugin = {
  name: "embedded-wasm",
  setup(build) {
    build.onLoad({ filter: /\/source-map\/lib\/read-wasm\.js$/ }, () => ({
      contents:
        `const wasm = require("./mappings.wasm"); module.exports = async () => wasm.buffer;`,
    }));
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
      contents: await readFile(path),
      loader: "binary",
    }));
  },
};

/** Returns all plugins. `addonLoader` is the absolute path of the module that exports `loadNativeAddon`. */
export function plugins(addonLoader: string): Plugin[] {
  return [
    nodePrefix,
    textImports,
    withoutBundler,
    embeddedWasm,
    nativeAddon(addonLoader),
    ...leanSdk,
  ];
}

/**
 * The part of `@grpc/grpc-js` that the SDK needs with the native addon: status codes, metadata, and a base
 * class for its unused connection. This and {@linkcode leanMessages} save 3 MB of memory in `serve`.
 */
const GRPC = `
  const { Status } = require("./constants");
  const { Metadata } = require("./metadata");
  const makeGenericClientConstructor = () => class {
    constructor() { throw new Error("Cannot connect without the native addon"); }
  };
  module.exports = { status: Status, Metadata, makeGenericClientConstructor };
`;

const withoutGrpc: Plugin = {
  name: "without-grpc",
  setup(build) {
    build.onLoad(
      { filter: /\/@grpc\/grpc-js\/build\/src\/index\.js$/ },
      () => ({ contents: GRPC }),
    );
  },
};

/** Shrinks Temporal's message definitions: one JSON that becomes an object per message, field and option. */
const leanMessages: Plugin = {
  name: "lean-messages",
  setup(build) {
    build.onLoad({ filter: /\/@temporalio\/proto\/protos\/json-module\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const [, head, messages, tail] = /^(.*\.addJSON\()(\{.*\})(\);.*)$/s.exec(source) ?? [];
      if (messages === undefined) {
        throw new Error(`Cannot find the messages in "${path}": is the package newer?`);
      }
      const lean = JSON.stringify(JSON.parse(messages, withoutUnused));
      return { contents: head + lean + tail };
    });
  },
};

/** Drops options for HTTP gateways and documentation, and the interface of Temporal Cloud. */
function withoutUnused(key: string, value: unknown): unknown {
  return key.startsWith("(") || key === "parsedOptions" || key === "cloud" ? undefined : value;
}

const leanSdk: readonly Plugin[] = [withoutGrpc, leanMessages];
