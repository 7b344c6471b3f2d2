/** What npm packages made for Node need before they run in one bundle on the compiled runtime. */

import type { Plugin } from "esbuild";
import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";

/**
 * Used only to bundle workflows, which is done here and not on the machine that runs the program
 * (DESIGN of `@temporalio/worker`: it imports its bundler eagerly).
 */
const BUILD_ONLY = ["webpack", "memfs", "unionfs", "swc-loader", "source-map-loader", "@swc/core"];

/** Deno refuses a bare `perf_hooks` in an ES module; `node:perf_hooks` is fine. */
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
    // The bundler's own look-ups of loader files; they are never used here.
    build.onLoad({ filter: /@temporalio\/worker\/lib\/.*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/require\.resolve\(([^)]+)\)/g, "($1)"),
    }));
  },
};

/** Lets our own loader find the native addon, which no bundle can hold. */
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

/** `source-map` reads its WebAssembly from a file beside itself; the worker maps stacks with it. */
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

/** All of them; `addonLoader` is the absolute path of the module that exports `loadNativeAddon`. */
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
 * Both programs reach Temporal through the native addon; of `@grpc/grpc-js` the SDK then needs status
 * codes and metadata, and a class to derive its other, unused connection from.
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

/** Temporal's messages come as one JSON, which becomes an object for each message, field and option. */
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

/** Drops what is said for HTTP gateways and documentation, and the interface of Temporal Cloud. */
function withoutUnused(key: string, value: unknown): unknown {
  return key.startsWith("(") || key === "parsedOptions" || key === "cloud" ? undefined : value;
}

export const leanSdk: readonly Plugin[] = [withoutGrpc, leanMessages];
