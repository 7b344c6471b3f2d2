/** A whole installation for real, in a folder of its own: Temporal, control plane, a registered host. */

import { run } from "../../../tools/cli/run.ts";
import { type ControlPlane, startControlPlane } from "./control_plane.ts";
import { type HostFolder, makeHostFolder } from "./host.ts";
import { Rest } from "./rest.ts";
import { startTemporal, type TemporalServer } from "./temporal_server.ts";

export interface SceneOptions {
  /** The Temporal command-line program. */
  readonly temporal: string;
  /** The folder that holds the two compiled binaries. */
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
  /** As the admin. */
  readonly rest: Rest;
  /** Starts it again, after its process ended; the scene ends that one as well. */
  restartTemporal(): Promise<void>;
  restartPlane(): Promise<void>;
  /** From now on closing the scene leaves everything running and in place. */
  keep(): void;
}

/** Starts all of it; what was started before a failure is put away again. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  await using built = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "bigeye-scene-" });
  // The orchestrator runs as another user, who must be able to pass through.
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
  // What comes back is ended after the host, like what it stands in for.
  const returned = built.use(new AsyncDisposableStack());
  const rest = new Rest(plane.localUrl, plane.adminKey);
  const host = built.use(await makeHostFolder({ ...options, folder, plane, rest }));

  const restart = async (part: { restart(): Promise<AsyncDisposable> }) => {
    returned.use(await part.restart());
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
