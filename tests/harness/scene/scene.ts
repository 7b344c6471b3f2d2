/** A real installation in a new folder: Temporal, a control plane and a registered host. */

import { run } from "../../../tools/cli/run.ts";
import { type ControlPlane, startControlPlane } from "./control_plane.ts";
import { type HostFolder, makeHostFolder } from "./host.ts";
import { Rest } from "./rest.ts";
import { startTemporal, type TemporalServer } from "./temporal_server.ts";

export interface SceneOptions {
  /** The Temporal command-line program. */
  readonly temporal: string;
  /** Folder of the two compiled binaries. */
  readonly binaries: string;
  /** Image references, as `docker` takes them. */
  readonly orchestratorImage: string;
  readonly agentImage: string;
  /** Runs at a time on the host; default 4. */
  readonly concurrentRuns?: number;
}

export interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly temporal: TemporalServer;
  readonly plane: ControlPlane;
  readonly host: HostFolder;
  /** Calls as the admin. */
  readonly rest: Rest;
  /** Starts Temporal again, after its process ended. Closing the scene ends the new process too. */
  restartTemporal(): Promise<void>;
  restartPlane(): Promise<void>;
  /** Makes closing the scene leave everything running and in place. */
  keep(): void;
}

/** Starts everything. A failure cleans up what was started before it. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  await using built = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "bigeye-scene-" });
  // The orchestrator runs as another user and must be able to enter the folder.
  await Deno.chmod(folder, 0o755);
  built.defer(() => Deno.remove(folder, { recursive: true }));

  const gateway = await bridgeGateway();
  const temporal = built.use(await startTemporal(options.temporal, { folder, hostname: gateway }));
  const plane = built.use(
    await startControlPlane(`${options.binaries}/bigeye-control-plane`, {
      folder,
      gateway,
      temporal: temporal.address,
    }),
  );
  // Restarted parts are ended after the host, as the original ones are.
  const restarted = built.use(new AsyncDisposableStack());
  const rest = new Rest(plane.localUrl, plane.adminKey);
  const host = built.use(await makeHostFolder({ ...options, folder, plane, rest }));

  const restart = async (part: { restart(): Promise<AsyncDisposable> }) => {
    restarted.use(await part.restart());
  };
  const parts = built.move();
  let kept = false;
  return {
    folder,
    temporal,
    plane,
    host,
    rest,
    restartTemporal: () => restart(temporal),
    restartPlane: () => restart(plane),
    keep: () => {
      kept = true;
    },
    async [Symbol.asyncDispose]() {
      if (!kept) await parts.disposeAsync();
    },
  };
}

/** Returns the address of this machine that it and containers on any bridge can reach. */
export async function bridgeGateway(): Promise<string> {
  const option = '{{index .Options "com.docker.network.bridge.name"}}';
  const name = await run(["docker", "network", "inspect", "bridge", "--format", option]);
  // The engine lists the address of the gateway only if it was configured.
  const bridge = Deno.networkInterfaces().find((card) =>
    card.name === name.trim() && card.family === "IPv4"
  );
  if (!bridge) throw new Error(`Cannot find the address of Docker's bridge "${name.trim()}"`);
  return bridge.address;
}
