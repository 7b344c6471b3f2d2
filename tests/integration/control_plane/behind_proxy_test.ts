/** The control plane behind a real HAProxy with TLS, with the documented configuration. */

import assert from "node:assert/strict";
import { openAuthority } from "../../../control_plane/certificates/authority.ts";
import { trustedProxies } from "../../../control_plane/http/trusted_proxies.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { systemFiles } from "../../../lib/system/files.ts";
import { type ServedPlane, servedPlane } from "../../harness/pages/served_plane.ts";
import { until } from "../../harness/time/wait.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { gatewayTest, portOf } from "../support/gateway.ts";
import { freeAddress } from "../../harness/temporal/server.ts";

const PAGE = new URL("../../../docs/operate/reverse-proxy.md", import.meta.url);
/** The caller's address, which differs from the proxy's. */
const CALLER = "127.0.0.2";
const KEYS = "/api/v1/agent-api-keys";

interface Proxied {
  /** The address of the proxy. */
  readonly url: string;
  readonly plane: ServedPlane;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

async function behindProxy(test: (proxied: Proxied) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    await using plane = await servedPlane({
      proxies: trustedProxies({ value: "127.0.0.1", source: "--trusted-proxy" }),
    });
    const address = freeAddress();
    const authority = await openAuthority({ folder, files: systemFiles, clock: systemClock });
    const { certificatePem, privatePem } = await authority.issueGateway("127.0.0.1");
    await Deno.writeTextFile(`${folder}/server.pem`, certificatePem + privatePem);
    const [, text = ""] = /```haproxy\n([^]*?)```/.exec(await Deno.readTextFile(PAGE)) ?? [];
    const config = text.replace(":443", address)
      .replace("/etc/haproxy/plane.pem", `${folder}/server.pem`)
      .replace("127.0.0.1:8080", new URL(plane.url).host);
    await Deno.writeTextFile(`${folder}/haproxy.cfg`, config);
    using client = Deno.createHttpClient({ caCerts: [authority.pem], localAddress: CALLER });
    const url = `https://${address}`;
    await using _haproxy = await startHaproxy(`${folder}/haproxy.cfg`, address);
    await test({
      url,
      plane,
      fetch: (path, init = {}) => fetch(`${url}${path}`, { redirect: "manual", ...init, client }),
    });
  });
}

async function startHaproxy(config: string, address: string): Promise<AsyncDisposable> {
  const program = Deno.env.get("BIGEYE_TEST_HAPROXY") ?? "haproxy";
  const child = new Deno.Command(program, { args: ["-db", "-f", config] }).spawn();
  const stop = async () => {
    child.kill("SIGTERM");
    await child.status;
  };
  const failed = child.status.then(({ code }) => Promise.reject(new Error(`HAProxy: ${code}`)));
  failed.catch(() => {});
  const isOpen = () => Deno.connect({ port: portOf(address) }).then((it) => it.close());
  await until("HAProxy", () => Promise.race([failed, isOpen().then(() => true, () => false)]));
  return { [Symbol.asyncDispose]: stop };
}

// Attacker: sends a false address in X-Forwarded-For, so that the audit log shows another caller.
gatewayTest(
  "behind a proxy the audit log has the caller's address, whatever X-Forwarded-For it sends",
  () =>
    behindProxy(async ({ plane, fetch }) => {
      const { status } = await fetch(KEYS, {
        method: "POST",
        headers: {
          authorization: `apikey ${plane.keys.admin}`,
          "content-type": "application/json",
          "x-forwarded-for": "192.0.2.1",
        },
        body: JSON.stringify({ name: "hosts" }),
      });
      assert.equal(status, 200);
      const { entries: [entry] } = await plane.store.audit.list({ limit: 1 });
      assert.deepEqual([entry?.action, entry?.actor.from], ["key.create", CALLER]);
    }),
);

gatewayTest(
  "behind a proxy with TLS the session cookie is secure, and changes are streamed at once",
  () =>
    behindProxy(async ({ url, plane, fetch }) => {
      const signIn = (origin: string) =>
        fetch("/sign-in", {
          method: "POST",
          headers: { origin },
          body: new URLSearchParams({ key: plane.keys.admin }),
        });
      const foreign = await signIn(url.replace("https", "http"));
      assert.equal(foreign.status, 403);
      await foreign.body?.cancel();
      const { status, headers } = await signIn(url);
      const [cookie = "", ...attributes] = headers.get("set-cookie")?.split("; ") ?? [];
      assert.equal(status, 303);
      assert.match(cookie, /^__Host-bigeye_session=/);
      assert.ok(attributes.includes("Secure"));

      const stream = await fetch("/events?of=hosts", { headers: { cookie } });
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
      assert.equal((await reader?.read())?.value, "retry: 2000\n\n");
      const change = reader?.read();
      await plane.addHost("h-1");
      assert.equal((await change)?.value, "event: change\ndata: hosts\n\n");
      await reader?.cancel();
    }),
);
