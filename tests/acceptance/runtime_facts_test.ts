/**
 * Differences between the pinned Deno and Node.js that the design relies on. The rules that follow from them
 * are in tests/rules/runtime_test.ts.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { compile } from "../../tools/build/program.ts";
import { capture, run } from "../../tools/cli/run.ts";
import { acceptance } from "./support/acceptance.ts";

/** Creates a key and a self-signed certificate, as PEM. */
async function selfSigned(): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await Deno.makeTempDir();
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  try {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const files = ["-keyout", key, "-out", cert, "-subj", "/CN=localhost"];
    await run(["openssl", "req", "-x509", ...curve, ...files]);
    return { key: await Deno.readTextFile(key), cert: await Deno.readTextFile(cert) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Much longer than the interval of the workaround for forgotten timers. A timer that never fires ends here. */
const NEVER_MS = 120_000;

acceptance("a timer that the pinned Deno forgets fires in a compiled program", async (built) => {
  const folder = await Deno.makeTempDir();
  const program = `${folder}/lost_timers`;
  try {
    await compile({
      entry: fileURLToPath(import.meta.resolve("./support/lost_timers.ts")),
      output: program,
      runtime: built.denort,
      permissions: ["--allow-read"],
      v8Flags: ["--no-opt"],
    });
    const ended = await capture([program], { timeoutMs: NEVER_MS });
    assert.deepEqual(ended, { code: 0, stdout: "fired", stderr: "" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

acceptance(
  "a TLS server of the pinned Deno accepts clients without the required certificate",
  async () => {
    // Attacker: connects without a client certificate to a server that requires one. While this test passes, the
    // product must not serve TLS with Deno. If it fails, Deno has been fixed.
    const { key, cert } = await selfSigned();
    const demands = { key, cert, ca: [cert], requestCert: true, rejectUnauthorized: true };
    const server = tls.createServer(demands, (socket) => socket.end("come in"));
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const address = server.address();
    assert(address !== null && typeof address === "object");
    const client = tls.connect({
      host: "127.0.0.1",
      port: address.port,
      rejectUnauthorized: false,
    });
    let received = "";
    client.on("data", (bytes: Uint8Array) => received += new TextDecoder().decode(bytes));
    await once(client, "end");
    client.destroy();
    server.close();
    await once(server, "close");
    assert.equal(received, "come in");
  },
);
