/** Starts the stack of deploy/compose.yml with the documented commands and a local image. */

import { run } from "../../../tools/cli/run.ts";
import { systemFreePort } from "../../../lib/system/network.ts";
import type { Built } from "../support/acceptance.ts";
import { buildStandInStack } from "./stand_in_stack.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PAGE = `${ROOT}docs/operate/cluster.md`;
/** The DNS name in the documentation, and the one that the test uses instead. */
const NAMES = ["plane.example.com", "localhost"] as const;

const variable = (name: string): string => Deno.env.get(name) ?? "";

/** Returns why the stack cannot be tested; empty if it can. */
export function missingPrograms(): string {
  const named = ["BIGEYE_TEST_POSTGRES", "BIGEYE_TEST_HAPROXY"].filter((name) => !variable(name));
  return named.length === 0 ? "" : `${named.join(", ")} name no program`;
}

/** Returns the commands of the page, without those that build the images and change the folder. */
export async function documentedCommands(): Promise<readonly string[]> {
  const [, block = ""] = /^```sh\n([^]*?)^```/m.exec(await Deno.readTextFile(PAGE)) ?? [];
  return block.split("\n").filter((line) => line !== "")
    .filter((line) => line !== "./dev build" && line !== "cd deploy");
}

/** A control plane, with its address behind the load balancer. */
export interface PlaneContainer {
  readonly id: string;
  readonly url: string;
}

export interface ClusterStack extends AsyncDisposable {
  /** The name of the Compose project, which is in the names of everything that it creates in Docker. */
  readonly project: string;
  /** Runs a command of the page in a copy of deploy/. Returns its stdout. */
  run(line: string): Promise<string>;
  /** `https://localhost:port` of pages and REST. */
  readonly url: string;
  /** `localhost:port` of Temporal. */
  readonly temporal: string;
  /** Reads a file of secrets/. */
  secret(name: string): Promise<string>;
  planes(): Promise<readonly PlaneContainer[]>;
  /** The load balancer's address in the network of the control planes. */
  balancerAddress(): Promise<string>;
}

/** Prepares the image and the folder, and starts nothing. Disposing stops and removes everything. */
export async function openClusterStack(built: Built): Promise<ClusterStack> {
  await using made = new AsyncDisposableStack();
  const project = `bigeye-${crypto.randomUUID().slice(0, 8)}`;
  const image = `${project}/stand-in:dev`;
  await buildStandInStack(image, {
    postgres: variable("BIGEYE_TEST_POSTGRES"),
    haproxy: variable("BIGEYE_TEST_HAPROXY"),
    temporal: built.temporal,
  });
  made.defer(async () => void await run(["docker", "image", "rm", image]));
  const folder = await Deno.makeTempDir({ prefix: "bigeye-deploy-" });
  made.defer(() => Deno.remove(folder, { recursive: true }));
  await run(["cp", "-r", `${ROOT}deploy/.`, folder]);
  await run([
    "cp",
    `${ROOT}tests/acceptance/cluster/stand_ins/compose.yml`,
    `${folder}/stand_ins.yml`,
  ]);

  const [port, temporalPort] = [systemFreePort(), systemFreePort()];
  const env = {
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_FILE: "compose.yml:stand_ins.yml",
    STAND_IN_IMAGE: image,
    BIGEYE_PLANE_IMAGE: built.planeImage,
    BIGEYE_PORT: String(port),
    BIGEYE_TEMPORAL_PORT: String(temporalPort),
  };
  const runLine = (line: string) =>
    run(["bash", "-euc", line.replace(...NAMES)], { cwd: folder, env });
  const containers = async (service: string) =>
    (await runLine(`docker compose ps --quiet ${service}`)).split("\n").filter((id) => id !== "");
  const addressOf = async (id: string) => {
    const format = `{{(index .NetworkSettings.Networks "${project}_planes").IPAddress}}`;
    return (await run(["docker", "inspect", "--format", format, id])).trim();
  };
  made.defer(async () => {
    const isPrepared = await Deno.stat(`${folder}/.env`).then(() => true, () => false);
    if (isPrepared) await runLine("docker compose down --volumes --timeout 5");
  });
  const all = made.move();
  return {
    project,
    run: runLine,
    url: `https://${NAMES[1]}:${port}`,
    temporal: `${NAMES[1]}:${temporalPort}`,
    secret: async (name) => (await Deno.readTextFile(`${folder}/secrets/${name}`)).trim(),
    planes: async () =>
      await Promise.all((await containers("control-plane")).map(async (id) => ({
        id,
        url: `http://${await addressOf(id)}:8080`,
      }))),
    balancerAddress: async () => await addressOf((await containers("balancer"))[0] ?? ""),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
