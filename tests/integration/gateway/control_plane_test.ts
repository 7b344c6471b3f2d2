/** The control plane in a separate process with a gateway: registration, a kill, and a gateway that is not safe. */

import assert from "node:assert/strict";
import { registration } from "../../fakes/control_plane/registration.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { type PlaneChild, spawnPlane } from "../support/spawn_plane.ts";
import { gatewayTest, listener, openssl, portOf } from "../support/gateway.ts";
import { freeAddress } from "../../harness/temporal/server.ts";
import { until } from "../../harness/time/wait.ts";

interface GatewayPlane extends PlaneChild {
  /** Address of its gateway. */
  readonly gateway: string;
}

/** Starts it with a `haproxy` on PATH that changes its configuration with a `sed` command. */
async function startPlane(folder: string, temporal: string, change = ""): Promise<GatewayPlane> {
  const gateway = freeAddress();
  const haproxy = Deno.env.get("BIGEYE_TEST_HAPROXY") ?? "";
  const script = `#!/bin/sh\nsed -i '${change}' "$3"\nexec ${haproxy} "$@"\n`;
  await Deno.mkdir(`${folder}/bin`, { recursive: true });
  await Deno.writeTextFile(`${folder}/bin/haproxy`, script, { mode: 0o755 });
  const plane = await spawnPlane({
    data: `${folder}/data`,
    flags: ["--gateway-listen", gateway, "--temporal-address", temporal],
    env: { PATH: `${folder}/bin:${Deno.env.get("PATH")}` },
  });
  return { ...plane, gateway };
}

const { publicPem } = COMPANY;

/** Registers a host over REST as the admin. */
async function register(plane: GatewayPlane): Promise<Record<string, unknown>> {
  const authorization = `apikey ${(await Deno.readTextFile(plane.adminKeyFile)).trim()}`;
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { authorization, "content-type": "application/json" };
    const response = await fetch(`http://${plane.address}/api/v1${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  await send("PUT", "/agent/public-key", { publicKey: publicPem });
  return await send(
    "POST",
    "/agent-orchestrator/register",
    registration({ host_id: "prod-1" }).body,
  );
}

const refused = (address: string): Promise<boolean> =>
  Deno.connect({ port: portOf(address) }).then((open) => {
    open.close();
    return false;
  }, () => true);

gatewayTest(
  "a host that registers gets the gateway's address and a valid client certificate",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      await using plane = await startPlane(folder, temporal.address);
      await plane.logged('"listening"');
      const { temporal: target, clientCertificate, caCertificate } = await register(plane);
      assert.deepEqual(target, {
        address: plane.gateway,
        namespace: "default",
        taskQueue: "bigeye-agent-host-prod-1",
        serverName: "temporal-gateway.bigeye.internal",
      });
      await Deno.writeTextFile(`${folder}/ca.pem`, String(caCertificate));
      await Deno.writeTextFile(`${folder}/client.pem`, String(clientCertificate));
      const { code, text } = await openssl(
        ...["verify", "-purpose", "sslclient", "-CAfile", `${folder}/ca.pem`],
        `${folder}/client.pem`,
      );
      assert.equal(code, 0, text);

      plane.kill("SIGTERM");
      assert.equal(await plane.ended, 0);
      assert.equal(await refused(plane.gateway), true);
      const names = (await Array.fromAsync(Deno.readDir(`${folder}/data`))).map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.startsWith("gateway")), []);
    }),
);

gatewayTest(
  "the gateway of a killed control plane ends too",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      await using plane = await startPlane(folder, temporal.address);
      await plane.logged('"gateway open"');
      plane.kill("SIGKILL");
      await plane.ended;
      await until("the gateway to end", () => refused(plane.gateway));
    }),
);

// gateway_test.ts has every kind of invalid certificate; this is how the process ends.
gatewayTest(
  "a control plane whose gateway accepts invalid client certificates does not start",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      const change = "s/verify required/verify none/";
      await using plane = await startPlane(folder, temporal.address, change);
      assert.equal(await plane.ended, 6);
      const log = await plane.logged("Cannot trust the gateway");
      assert(log.includes("admits a client with no certificate"), log);
      assert.doesNotMatch(log, /"listening"/);
      assert.equal(await refused(plane.gateway), true);
    }),
);
