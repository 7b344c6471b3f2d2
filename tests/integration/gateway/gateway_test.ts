/** The gateway with a real HAProxy, tested with openssl. */

import assert from "node:assert/strict";
import type { Clock, Exec } from "../../../lib/ports.ts";
import { systemClock } from "../../../lib/system/process.ts";
import { systemExec } from "../../../lib/system/exec.ts";
import { inFolder } from "../../fakes/system/temporary_folder.ts";
import { until } from "../../harness/time/wait.ts";
import {
  asked,
  gatewayTest,
  haproxyExec,
  haproxyWith,
  listener,
  startGateway,
} from "../support/gateway.ts";
import { freeAddress } from "../../harness/temporal/server.ts";

const alertIn = (text: string): string | undefined => /SSL alert number (\d+)/.exec(text)?.[1];

// Attacker: reaches the gateway's port with no certificate, a self-made one, or an expired one.
gatewayTest(
  "the gateway accepts openssl with a valid client certificate only",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      await using gateway = await startGateway({ folder, temporal: temporal.address });
      const { right, foreign, expired } = await gateway.authority.issueProbes();
      for (const version of ["-tls1_3", "-tls1_2"]) {
        const accepted = await asked(gateway, right, version);
        assert.equal(alertIn(accepted), undefined, accepted);
        assert.match(accepted, /ALPN protocol: h2/);
        assert.match(accepted, /Verify return code: 0 \(ok\)/);
      }
      assert.deepEqual([
        alertIn(await asked(gateway, undefined)),
        alertIn(await asked(gateway, foreign)),
        alertIn(await asked(gateway, expired)),
        // TLS 1.2 fails in the handshake, and has no alert for "certificate required".
        alertIn(await asked(gateway, undefined, "-tls1_2")),
        alertIn(await asked(gateway, foreign, "-tls1_2")),
        alertIn(await asked(gateway, expired, "-tls1_2")),
        alertIn(await asked(gateway, right, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")),
      ], ["116", "48", "45", "40", "48", "45", "70"]);
    }),
);

// Attacker: uses a server certificate of the account as a client certificate.
gatewayTest(
  "the gateway refuses a server certificate from a client",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      await using gateway = await startGateway({ folder, temporal: temporal.address });
      const server = await gateway.authority.issueGateway("127.0.0.1");
      assert.notEqual(alertIn(await asked(gateway, server)), undefined);
    }),
);

// Attacker: controls the machine, or an operator by mistake, changes the configuration of HAProxy.
gatewayTest(
  "a gateway that accepts invalid client certificates is closed, and the start fails",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      const address = freeAddress();
      const start = (change: (config: string) => string) =>
        startGateway({ folder, temporal: temporal.address, address, exec: haproxyWith(change) });
      const refusal = (what: string) => ({
        code: "gateway_open",
        exit: "boundary",
        message: `Cannot trust the gateway on "${address}": it admits a client with ${what}`,
      });
      await assert.rejects(
        start((text) => text.replace("verify required", "verify none")),
        refusal("no certificate"),
      );
      await assert.rejects(
        start((text) => text.replace("verify required", "verify optional")),
        refusal("no certificate"),
      );
      await assert.rejects(
        start((text) => text.replace("required", "required crt-ignore-err all ca-ignore-err all")),
        refusal("another authority's certificate"),
      );
      await assert.rejects(
        start((text) => text.replace("required", "required crt-ignore-err 10")),
        refusal("an expired certificate"),
      );
      await assert.rejects(Deno.connect({ port: Number(address.split(":")[1]) }));
      assert.deepEqual(
        (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort(),
        [
          "ca.pem",
          "ca.private.pem",
        ],
      );
    }),
);

gatewayTest(
  "a gateway on a port in use does not start, and the error has HAProxy's message",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      await using first = await startGateway({ folder, temporal: temporal.address });
      const other = `${folder}/other`;
      await Deno.mkdir(other);
      await assert.rejects(
        startGateway({ folder: other, temporal: temporal.address, address: first.address }),
        (error: Error & { code: string; details: { message: string }[] }) =>
          error.code === "gateway_ended" &&
          error.details.some(({ message }) => /cannot bind socket/.test(message)),
      );
    }),
);

gatewayTest("without HAProxy the gateway does not start", () =>
  inFolder(async (folder) => {
    const exec: Exec = {
      ...haproxyExec,
      run: (argv, options) =>
        systemExec.run(argv.map((word) => word.replace(/^haproxy$/, "no-haproxy")), options),
    };
    await assert.rejects(startGateway({ folder, temporal: freeAddress(), exec }), {
      code: "haproxy_missing",
    });
  }));

gatewayTest(
  "HAProxy is restarted when it ends, and a closed gateway leaves nothing behind",
  () =>
    inFolder(async (folder) => {
      const pids: Promise<string>[] = [];
      const exec: Exec = {
        ...haproxyExec,
        run(argv, options) {
          pids.push(pidOf(argv.at(-1) ?? ""));
          return haproxyExec.run(argv, options);
        },
      };
      await using temporal = listener();
      const gateway = await startGateway({ folder, temporal: temporal.address, exec });
      Deno.kill(Number(await pids[0]), "SIGKILL");
      await until("three lines of the log", () => gateway.logged.length === 3);
      assert.deepEqual(gateway.logged, [
        "info gateway open",
        "warn gateway failed, restarting it",
        "info gateway open",
      ]);
      await gateway[Symbol.asyncDispose]();
      await assert.rejects(Deno.stat(gateway.folder), Deno.errors.NotFound);
      assert.equal(await running(`${gateway.folder}/haproxy.cfg`), "");
    }),
);

gatewayTest(
  "the gateway renews its certificate after 20 of 30 days, and hosts can connect",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      const { clock, hours, wake } = hourByHour();
      await using gateway = await startGateway({ folder, temporal: temporal.address, clock });
      const { right } = await gateway.authority.issueProbes();
      const served = async () => {
        const text = await asked(gateway, right);
        assert.match(text, /Verify return code: 0 \(ok\)/);
        return /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(text)?.[0];
      };
      const first = await served();
      assert.equal(await served(), first);
      wake();
      await until("two lines of the log", () => gateway.logged.length === 2);
      assert.notEqual(await served(), first);
      assert.deepEqual(gateway.logged, ["info gateway open", "info gateway open"]);
      assert.deepEqual(hours, [1, 1]);
    }),
);

const HOUR_MS = 3_600_000;

/**
 * The clock of this machine, which HAProxy uses too. The first sleep of an hour lasts until `wake` is called,
 * and afterwards the clock is 20 days ahead once.
 */
function hourByHour() {
  const hours: number[] = [];
  const woken = Promise.withResolvers<void>();
  let isLater = false;
  const clock: Clock = {
    ...systemClock,
    now() {
      const ahead = isLater ? 20 * 24 * HOUR_MS : 0;
      isLater = false;
      return new Date(Date.now() + ahead);
    },
    async sleep(ms, signal) {
      if (ms < HOUR_MS) return await systemClock.sleep(ms, signal);
      if (hours.push(ms / HOUR_MS) > 1) return await systemClock.sleep(ms, signal);
      await woken.promise;
      isLater = true;
    },
  };
  return { clock, hours, wake: woken.resolve };
}

async function pidOf(config: string): Promise<string> {
  for (;;) {
    const pid = await running(config);
    if (pid !== "") return pid;
  }
}

async function running(config: string): Promise<string> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", `haproxy -db -f ${config}`] })
    .output();
  return new TextDecoder().decode(stdout).trim();
}
