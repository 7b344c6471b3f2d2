/** The stage of a kill test: Temporal, a control plane, two hosts, and callers with jobs. */

import * as v from "valibot";
import { DATABASE_FILE } from "../../../control_plane/account/data_folder.ts";
import type { Job } from "../../../lib/contract/job.ts";
import { registration } from "../../fakes/control_plane/registration.ts";
import { KEYS_API, ORCHESTRATOR_API, PublicKeySchema } from "../../../lib/contract/rest.ts";
import { systemFreePort } from "../../../lib/system/network.ts";
import { VERSION } from "../../../lib/version.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import {
  type ControlPlane,
  type ControlPlaneProcess,
  spawnControlPlane,
  startControlPlane,
} from "../scene/control_plane.ts";
import { Rest } from "../scene/rest.ts";
import { startTemporal } from "../scene/temporal_server.ts";
import { killFirstStarts, seeded } from "./killer.ts";
import { type HostRecord, type StandInHost, startStandInHost, TASKS } from "./stand_in_host.ts";

export interface KillStage extends AsyncDisposable {
  /** The SQLite file of the control plane. */
  readonly database: string;
  readonly hosts: readonly HostRecord[];
  readonly callers: readonly Caller[];
  /** Starts the control plane. It does not run after the stage was opened. */
  spawn(): ControlPlaneProcess;
}

/** The key and the jobs of one caller. */
export interface Caller {
  readonly rest: Rest;
  readonly jobs: readonly Job[];
}

export interface KillStageOptions {
  /** Path of the Temporal program. */
  readonly temporal: string;
  /** Path of the compiled control plane. */
  readonly controlPlane: string;
  readonly jobsOfCaller: number;
  readonly seed: number;
}

const LOOPBACK = "127.0.0.1";
/** There is no Docker bridge, so that another loopback address stands in. */
const NO_BRIDGE = "127.0.0.2";
const HOSTS = ["host-1", "host-2"] as const;
const CALLERS = 6;
/** Kills before the account is used. */
const FIRST_STARTS = 3;

/** Starts everything but the control plane. A failure cleans up what was started before it. */
export async function openKillStage(options: KillStageOptions): Promise<KillStage> {
  const { controlPlane, seed } = options;
  await using built = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "bigeye-kills-" });
  built.defer(() => Deno.remove(folder, { recursive: true }));
  const temporal = built.use(
    await startTemporal(options.temporal, { folder, hostname: LOOPBACK }),
  );
  const place = {
    folder,
    gateway: NO_BRIDGE,
    temporal: temporal.address,
    port: systemFreePort(),
  };
  const database = `${folder}/plane/${DATABASE_FILE}`;
  await killFirstStarts({
    spawn: () => spawnControlPlane(controlPlane, place),
    kills: FIRST_STARTS,
    random: seeded(seed),
    database,
  });
  await using plane = await startControlPlane(controlPlane, place);
  const admin = new Rest(plane.localUrl, plane.adminKey);
  const hosts: StandInHost[] = [];
  for (const start of await registered(admin, { address: temporal.address, seed })) {
    hosts.push(built.use(await start()));
  }
  const callers = await Promise.all(
    Array.from({ length: CALLERS }, (_, index) => newCaller(index, { ...options, plane, admin })),
  );
  const parts = built.move();
  return {
    database,
    hosts,
    callers,
    spawn() {
      if (parts.disposed) throw new Error("Cannot start a control plane whose stage has closed");
      const spawned = spawnControlPlane(controlPlane, place);
      parts.use(spawned.process);
      return spawned;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

async function registered(
  admin: Rest,
  { address, seed }: { readonly address: string; readonly seed: number },
): Promise<readonly (() => Promise<StandInHost>)[]> {
  await admin.call("PUT", `${KEYS_API[0]}/public-key`, { publicKey: COMPANY.publicPem });
  const answer = await admin.call("GET", `${KEYS_API[0]}/public-key/bigeye`);
  const { publicKey: bigeyePem } = v.parse(PublicKeySchema, answer);
  for (const host_id of HOSTS) {
    const { headers, body } = registration({
      host_id,
      installation_id: crypto.randomUUID(),
      managed_agents: ["datahealth"],
      version: VERSION,
    });
    await admin.call("POST", `${ORCHESTRATOR_API}/register`, body, headers);
  }
  return HOSTS.map((hostId, index) => () => {
    const random = seeded(seed + 1_000 + index);
    return startStandInHost({ address, hostId, company: COMPANY, bigeyePem, random });
  });
}

async function newCaller(
  index: number,
  { plane, admin, jobsOfCaller }: {
    readonly plane: ControlPlane;
    readonly admin: Rest;
    readonly jobsOfCaller: number;
  },
): Promise<Caller> {
  const rest = new Rest(plane.localUrl, await admin.createPersonalKey(`caller ${index}`));
  const jobs = await Promise.all(Array.from({ length: jobsOfCaller }, (_, place) =>
    rest.createJob({
      name: `Job ${place} of caller ${index}`,
      host_id: HOSTS[place % HOSTS.length] ?? HOSTS[0],
      agent_type: "datahealth",
      parameters: { file_name: TASKS[place % TASKS.length] ?? TASKS[0] },
    })));
  return { rest, jobs };
}
