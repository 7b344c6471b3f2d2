/** How a gateway runs HAProxy, with a fake HAProxy that passes the probes. */

import assert from "node:assert/strict";
import { openAuthority } from "../../../../control_plane/certificates/authority.ts";
import { openGateway } from "../../../../control_plane/temporal/gateway/mod.ts";
import type { Clock, Exec, ExecOptions, ProbeTls } from "../../../../lib/ports.ts";
import { memoryFiles } from "../../../fakes/system/memory_files.ts";
import { virtualClock } from "../../../fakes/system/virtual_clock.ts";

/** Opens a gateway. Calls `onStart` for each start of HAProxy, and stops when it returns true. */
async function opened(clock: Clock, onStart: (options: ExecOptions) => boolean): Promise<void> {
  const files = memoryFiles({ "/data/x": "" });
  const stop = new AbortController();
  const authority = await openAuthority({ folder: "/data", files, clock });
  const exec: Exec = {
    run(_argv, options = {}) {
      if (onStart(options)) stop.abort(new Error("enough"));
      const { promise, reject } = Promise.withResolvers<never>();
      const end = () => reject(options.signal?.reason);
      if (options.signal?.aborted) end();
      options.signal?.addEventListener("abort", end);
      return promise;
    },
    attach: () => Promise.reject(new Error("not to be attached")),
  };
  // Only the first of four probes has a valid certificate.
  let probes = 0;
  const probe: ProbeTls = () => Promise.resolve(probes++ % 4 === 0 ? undefined : "no");
  const { done } = await openGateway({
    folder: "/data/gateway",
    listen: { hostname: "127.0.0.1", port: 7234 },
    temporal: "127.0.0.1:7233",
    authority,
    env: (name) => name === "PATH" ? "/usr/local/bin:/usr/bin:/bin" : undefined,
    exec,
    files,
    clock,
    log: () => {},
    probe,
  }, stop.signal);
  await done;
}

Deno.test("HAProxy is also searched for in /usr/sbin, which is not on an ordinary user's PATH", async () => {
  const paths: unknown[] = [];
  await opened(virtualClock(), ({ env }) => paths.push(env?.["PATH"]) === 1);
  assert.deepEqual(paths, ["/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"]);
});

Deno.test("after a suspend past the renewal time, the gateway's certificate is renewed within an hour", async () => {
  const real = virtualClock();
  const HOUR_MS = 3_600_000;
  // Suspended after an hour and a half for 25 days, during which sleeps do not progress.
  const isLater = () => real.monotonic() > 1.5 * HOUR_MS;
  const clock: Clock = {
    ...real,
    now: () => new Date(real.now().getTime() + (isLater() ? 25 * 24 * HOUR_MS : 0)),
  };
  const starts: number[] = [];
  await opened(clock, () => starts.push(real.monotonic() / HOUR_MS) === 2);
  assert.deepEqual(starts, [0, 2]);
});
