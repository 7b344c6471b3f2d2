/** Addresses of a scene: loopback for this machine, the bridge's gateway for its containers. */

import { run } from "../../../tools/cli/run.ts";

/** A TCP port that nobody listens on at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The address under which containers on any bridge, and this machine itself, reach this machine. */
export async function bridgeGateway(): Promise<string> {
  const option = '{{index .Options "com.docker.network.bridge.name"}}';
  const name = await run(["docker", "network", "inspect", "bridge", "--format", option]);
  // The engine lists the gateway's address only when somebody has configured it.
  const bridge = Deno.networkInterfaces().find((card) =>
    card.name === name.trim() && card.family === "IPv4"
  );
  if (!bridge) throw new Error(`Cannot find the address of Docker's bridge "${name.trim()}"`);
  return bridge.address;
}
