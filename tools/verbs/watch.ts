/** ./dev watch: runs the control plane's pages and REST from source with sample data, without Docker. */

import { heedInterrupts, Interrupted, orInterrupted } from "../cli/interrupted.ts";
import { main } from "../cli/main.ts";
import { readOptions } from "../cli/options.ts";
import { ROOT } from "../cli/paths.ts";
import { Refusal } from "../cli/refusal.ts";

const DEFAULT_PORT = "8080";

await main(async () => {
  const { port = DEFAULT_PORT } = readOptions("watch", {
    port: { type: "string", says: `port on 127.0.0.1; default ${DEFAULT_PORT}` },
  });
  heedInterrupts();
  requireFree(port);
  const folder = await Deno.makeTempDir({ prefix: "bigeye-watch-" });
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--watch", "--no-clear-screen", "--allow-all", "--frozen"],
      ...["tools/watch/serve.ts", folder, port],
    ],
    cwd: ROOT,
    stdin: "null",
  }).spawn();
  let ended = false;
  child.status.then(() => ended = true);
  try {
    return (await orInterrupted(child.status)).code;
  } catch (error) {
    // Ctrl-C is the usual end.
    if (error instanceof Interrupted) return 0;
    throw error;
  } finally {
    // In a terminal, Ctrl-C has ended the child already.
    if (!ended) child.kill();
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
});

function requireFree(port: string): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port: Number(port) }).close();
  } catch (error) {
    throw new Refusal(
      `Cannot listen on 127.0.0.1:${port}: ${error instanceof Error ? error.message : error}`,
      "Use another port, for example ./dev watch --port 8081",
    );
  }
}
