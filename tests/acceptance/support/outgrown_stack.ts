/** The form for several machines, started by the commands of its page with images of this machine. */

import { run } from "../../../tools/cli/run.ts";
import { systemFreePort } from "../../../lib/system/network.ts";
import type { Built } from "./acceptance.ts";
import { buildStandInStack } from "./stand_in_stack.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PAGE = `${ROOT}docs/operate/cluster.md`;
/** The name on the page, and one at which this machine is reached. */
const NAMES = ["plane.example.com", "localhost"] as const;

const variable = (name: string): string => Deno.env.get(name) ?? "";

/** What the tests of this form lack, if anything. */
export function missingPrograms(): string {
  const named = ["BIGEYE_TEST_POSTGRES", "BIGEYE_TEST_HAPROXY"].filter((name) => !variable(name));
  return named.length === 0 ? "" : `${named.join(", ")} name no program`;
}

/** The commands of the page, without those that build and go to the folder. */
export async function documentedCommands(): Promise<readonly string[]> {
  const [, block = ""] = /^```sh\n([^]*?)^```/m.exec(await Deno.readTextFile(PAGE)) ?? [];
  return block.split("\n").filter((line) => line !== "")
    .filter((line) => line !== "./dev build" && line !== "cd deploy");
}

/** A process of the control plane, asked past the balancer. */
export interface PlaneContainer {
  readonly id: string;
  readonly url: string;
}

export interface OutgrownStack extends AsyncDisposable {
  /** In the name of all that it has in Docker. */
  readonly project: string;
  /** Runs a line of the page in a copy of deploy/; answers its standard output. */
  says(line: string): Promise<string>;
  /** `https://localhost:port` of pages and REST. */
  readonly url: string;
  /** `localhost:port` of Temporal. */
  readonly temporal: string;
  /** Of a file of secrets/. */
  secret(name: string): Promise<string>;
  planes(): Promise<readonly PlaneContainer[]>;
  /** The address that the control planes see the balancer under. */
  balancerAddress(): Promise<string>;
}

/** Starts nothing yet; its disposal ends what was started, and removes all of it. */
export async function outgrownStack(built: Built): Promise<OutgrownStack> {
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
  await run(["cp", `${ROOT}tests/acceptance/stand_ins/compose.yml`, `${folder}/stand_ins.yml`]);

  const [port, temporalPort] = [systemFreePort(), systemFreePort()];
  const env = {
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_FILE: "compose.yml:stand_ins.yml",
    STAND_IN_IMAGE: image,
    BIGEYE_PLANE_IMAGE: built.planeImage,
    BIGEYE_PORT: String(port),
    BIGEYE_TEMPORAL_PORT: String(temporalPort),
  };
  const says = (line: string) =>
    run(["bash", "-euc", line.replace(...NAMES)], { cwd: folder, env });
  const containers = async (service: string) =>
    (await says(`docker compose ps --quiet ${service}`)).split("\n").filter((id) => id !== "");
  const addressOf = async (id: string) => {
    const format = `{{(index .NetworkSettings.Networks "${project}_planes").IPAddress}}`;
    return (await run(["docker", "inspect", "--format", format, id])).trim();
  };
  made.defer(async () => {
    const isPrepared = await Deno.stat(`${folder}/.env`).then(() => true, () => false);
    if (isPrepared) await says("docker compose down --volumes --timeout 5");
  });
  const all = made.move();
  return {
    project,
    says,
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
