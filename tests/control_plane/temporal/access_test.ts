/** The credentials of an existing Temporal for the control plane and its hosts. */

import assert from "node:assert/strict";
import type { PlaneTools } from "../../../control_plane/settings/plane_tools.ts";
import { planeSettings } from "../../../control_plane/settings/settings.ts";
import { openTemporalAccess } from "../../../control_plane/temporal/access.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";

const files = memoryFiles({ "/etc/temporal/ca.pem": "CA PEM", "/etc/temporal/key": "secret\n" });

async function access(flags: Parameters<typeof planeSettings>[0]) {
  const settings = planeSettings({ data: "/d", ...flags }, { env: () => undefined, folder: "/" });
  // Without a gateway and an own server only files are used.
  const tools = { files, stop: new AbortController().signal } as unknown as PlaneTools;
  await using opened = await openTemporalAccess({
    settings,
    tools,
    account: { companyPublicPem: () => Promise.resolve(undefined) },
    authority: undefined,
    onBroken: () => {},
  });
  const { server, target } = opened;
  return { server, target, credentials: await opened.credentials("host-1") };
}

Deno.test("the control plane and its hosts get the name, the authority and the key of an existing Temporal", async () => {
  const flags = {
    temporalAddress: "temporal.test:443",
    temporalNamespace: "bigeye",
    temporalServerName: "temporal.test",
    temporalCaFile: "/etc/temporal/ca.pem",
    temporalApiKeyFile: "/etc/temporal/key",
  };
  assert.deepEqual(await access(flags), {
    server: {
      address: "temporal.test:443",
      namespace: "bigeye",
      tls: { serverName: "temporal.test", caPem: "CA PEM" },
      apiKey: "secret",
    },
    target: { address: "temporal.test:443", namespace: "bigeye", serverName: "temporal.test" },
    credentials: { caCertificate: "CA PEM", temporalApiKey: "secret" },
  });
  await assert.rejects(access({ ...flags, temporalCaFile: "/etc/temporal/none.pem" }), {
    code: "setting_invalid",
    message:
      'Cannot use the CA of Temporal from --temporal-ca-file: it names "/etc/temporal/none.pem", ' +
      "which is missing or empty",
  });
});

Deno.test("a Temporal without TLS needs no credentials", async () => {
  assert.deepEqual(await access({ temporalAddress: "10.0.0.5:7233" }), {
    server: { address: "10.0.0.5:7233", namespace: "default" },
    target: { address: "10.0.0.5:7233", namespace: "default" },
    credentials: {},
  });
});
