/** Keeps out of a bundle what Temporal's SDK loads but a native worker never uses: 3 MB of `serve`. */

import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

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
