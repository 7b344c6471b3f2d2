/** The gateway as HAProxy really keeps it, asked by openssl. */

import assert from "node:assert/strict";
import type { Clock, Exec } from "../../lib/ports.ts";
import { systemClock } from "../../lib/system/process.ts";
import { systemExec } from "../../lib/system/exec.ts";
import { inFolder } from "../fakes/system/temporary_folder.ts";
import { until } from "../harness/time/wait.ts";
import {
  asked,
  gatewayTest,
  haproxyExec,
  listener,
  mistold,
  startGateway,
} from "./support/gateway.ts";
import { freeAddress } from "../harness/temporal/server.ts";

const alertIn = (text: string): string | undefined => /SSL alert number (\d+)/.exec(text)?.[1];

// Whoever reaches the gateway's port dials Temporal: with nothing, with a certificate of their own
// making, and with one that was good once.
gatewayTest(
  "openssl is let in with a right certificate and with no other",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      await using gateway = await startGateway({ folder, temporal: temporal.address });
      const { right, foreign, expired } = await gateway.authority.issueProbes();
      for (const version of ["-tls1_3", "-tls1_2"]) {
        const letIn = await asked(gateway, right, version);
        assert.equal(alertIn(letIn), undefined, letIn);
        assert.match(letIn, /ALPN protocol: h2/);
        assert.match(letIn, /Verify return code: 0 \(ok\)/);
      }
      assert.deepEqual([
        alertIn(await asked(gateway, undefined)),
        alertIn(await asked(gateway, foreign)),
        alertIn(await asked(gateway, expired)),
        // 1.2 says it in the handshake, and has no word for "certificate required".
        alertIn(await asked(gateway, undefined, "-tls1_2")),
        alertIn(await asked(gateway, foreign, "-tls1_2")),
        alertIn(await asked(gateway, expired, "-tls1_2")),
        alertIn(await asked(gateway, right, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")),
      ], ["116", "48", "45", "40", "48", "45", "70"]);
    }),
);

// The gateway's own certificate, or another server's of the account, is held up as a client's.
gatewayTest("a server's certificate lets nobody in", () =>
  inFolder(async (folder) => {
    await using temporal = listener();
    await using gateway = await startGateway({ folder, temporal: temporal.address });
    const server = await gateway.authority.issueGateway("127.0.0.1");
    assert.notEqual(alertIn(await asked(gateway, server)), undefined);
  }));

// An operator, or who has the machine, lets the gateway ask for nothing.
gatewayTest(
  "a gateway that lets strangers in is closed again and nothing starts",
  () =>
    inFolder(async (folder) => {
      await using temporal = listener();
      const address = freeAddress();
      const start = (change: (config: string) => string) =>
        startGateway({ folder, temporal: temporal.address, address, exec: mistold(change) });
      const refusal = (who: string) => ({
        code: "gateway_open",
        exit: "boundary",
        message: `Cannot trust the gateway on "${address}": it admits a client with ${who}`,
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
  "a port that is taken is not shared, and HAProxy's own words say so",
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

gatewayTest("without HAProxy the gateway is refused", () =>
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
  "HAProxy is started again when it ends, and with the gateway nothing stays",
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
      await until("three lines of the log", () => gateway.told.length === 3);
      assert.deepEqual(gateway.told, [
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
  "after 20 of its 30 days the gateway has another certificate, and hosts get in",
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
      await until("two lines of the log", () => gateway.told.length === 2);
      assert.notEqual(await served(), first);
      assert.deepEqual(gateway.told, ["info gateway open", "info gateway open"]);
      assert.deepEqual(hours, [1, 1]);
    }),
);

const HOUR_MS = 3_600_000;

/** This machine's clock, by which HAProxy goes as well; but whoever sleeps for an hour is woken by hand, and finds that 20 days are over. */
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
