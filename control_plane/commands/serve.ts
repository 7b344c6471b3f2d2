/** `bigeye-control-plane serve`: runs REST, pages and Temporal worker of one account until stopped. */

import { aborted, anySignal, Interrupted } from "../../lib/async/abort.ts";
import { addressUnusable } from "../../lib/problems/plane.ts";
import { lockDataFolder, lockSharedFolder, openDataFolder } from "../account/data_folder.ts";
import { ensureAdmin } from "../account/first_admin.ts";
import { type Account, openAccount } from "../account/key_pair.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import { databasePlace, type PlaneSettings, planeSettings } from "../settings/settings.ts";
import { type Draining, draining } from "../http/draining.ts";
import { addressText, type ServeFlags } from "../settings/sources.ts";
import { removeExpired } from "../runs/retention.ts";
import { createHandler } from "./handler.ts";
import { openStore, type Store } from "../store/mod.ts";
import { gatewayAuthority, openTemporalAccess, type TemporalAccess } from "../temporal/access.ts";

export async function serve(flags: ServeFlags, tools: PlaneTools): Promise<void> {
  const { files, clock, stop } = tools;
  const settings = planeSettings(flags, tools);
  await openDataFolder(files, settings.data);
  using alone = new DisposableStack();
  alone.use(await lockedFolder(settings, tools));
  await using store = await openStore(await databasePlace(settings, tools), clock, tools.log);
  const account = await openAccount({ folder: settings.data, files, store });
  await ensureAdmin(store, (key) => handOver(key, { settings, tools }));
  const authority = await gatewayAuthority(settings, tools);
  // From here on, processes that share the folder coordinate through the database only.
  if (settings.database) alone.dispose();

  const broken = new AbortController();
  const onBroken = (error: unknown) => broken.abort(error);
  await using access = await openTemporalAccess({ settings, tools, account, authority, onBroken });
  warnOfLoopback(access, tools);
  await runUntilStopped({ settings, tools, store, account, access, broken });
  // SIGTERM from a service manager is a normal end; Ctrl-C is an interruption.
  if (stop.reason instanceof Interrupted && stop.reason.signalName === "SIGINT") throw stop.reason;
}

function lockedFolder(
  { data, database }: PlaneSettings,
  { lockFile, clock, stop }: PlaneTools,
): Promise<Disposable> {
  if (!database) return lockDataFolder(lockFile, data);
  return lockSharedFolder(lockFile, data, { clock, signal: stop });
}

/** Hosts dial the address from inside a container, where loopback is the container itself. */
function warnOfLoopback(
  { target: { address } }: TemporalAccess,
  { log }: PlaneTools,
): void {
  if (!/^(127\.|localhost:|\[::1?\]|0\.0\.0\.0:)/.test(address)) return;
  log("warn", "hosts cannot reach this temporal address", {
    address,
    hint:
      "Listen on an address that their containers reach, with --listen or --gateway-listen, or " +
      "name one that leads there with --temporal-public-address",
  });
}

interface Parts {
  readonly settings: PlaneSettings;
  readonly tools: PlaneTools;
  readonly store: Store;
  readonly account: Account;
  readonly access: TemporalAccess;
  /** Aborted with a fatal error. */
  readonly broken: AbortController;
}

async function handOver(
  key: string,
  { settings: { adminKeyFile }, tools: { files, terminal, log } }: Pick<
    Parts,
    "settings" | "tools"
  >,
): Promise<void> {
  if (adminKeyFile === undefined) {
    terminal.say(key);
    log("info", "created user admin; its Personal API Key is on stdout and is not shown again");
    return;
  }
  await files.writeText(adminKeyFile, `${key}\n`, { mode: 0o600 });
  log("info", "created user admin; its Personal API Key is in the file", { file: adminKeyFile });
}

/** On stop, finishes requests first, then the Temporal session, which they may have woken. */
async function runUntilStopped(parts: Parts): Promise<void> {
  const { broken, store: { retention }, settings: { keep }, tools: { stop, clock, log } } = parts;
  const restStop = new AbortController();
  const temporal = temporalSession(parts, restStop.signal);
  const temporalEnded = temporal.done.catch((error) => {
    if (error !== restStop.signal.reason) broken.abort(error);
  });
  const removal = removeExpired({ retention, keep, clock, log }, restStop.signal);
  try {
    const api = restHandler(parts, temporal.wake);
    using until = anySignal(stop, broken.signal);
    await listen(api, { ...parts, until: until.signal });
  } finally {
    restStop.abort(stop.reason);
    await Promise.all([temporalEnded, removal]);
    log("info", "control plane stopped");
  }
  broken.signal.throwIfAborted();
}

function restHandler(
  { store, account, access, settings: { proxies }, tools: { clock, log } }: Parts,
  wake: () => void,
): Draining {
  const handler = createHandler({
    store,
    clock,
    log,
    account,
    dispatch: { wake },
    temporal: access.target,
    hostCredentials: access.credentials,
  }, proxies);
  return draining(handler, clock);
}

/** Loads the Temporal SDK lazily: it is most of the program, and `--version` does not need it. */
function temporalSession(
  { store, account, access, settings, tools: { clock, log } }: Parts,
  signal: AbortSignal,
): { wake(): void; done: Promise<void> } {
  let wakeLoaded = () => {};
  const run = async () => {
    const { startTemporalSession } = await import("../temporal/session.ts");
    const { workflowBundle } = await import("../temporal/workflow_bundle.ts");
    const side = startTemporalSession({
      outbox: store.outbox,
      schedules: store.schedules,
      account,
      temporal: access.server,
      hostWaitSeconds: settings.hostWaitSeconds,
      clock,
      log,
      signal,
      workflowBundle,
    });
    wakeLoaded = side.wake;
    await side.done;
  };
  return { wake: () => wakeLoaded(), done: run() };
}

/** Serves on all addresses until stopped, or until one of them fails. */
async function listen(
  api: Draining,
  { settings, tools, until }: Parts & { readonly until: AbortSignal },
): Promise<void> {
  const cut = new AbortController();
  const serving = settings.listen.map(async (address) => {
    try {
      await tools.serveHttp(api.fetch, {
        ...address,
        signal: cut.signal,
        onListen: (port) =>
          tools.log("info", "listening", { address: addressText(address.hostname, port) }),
      });
    } catch (cause) {
      throw addressUnusable(addressText(address.hostname, address.port), cause);
    }
  });
  try {
    await Promise.race([aborted(until), ...serving]);
    await api.drain();
  } finally {
    cut.abort();
    await Promise.allSettled(serving);
  }
}
