/** deploy/compose.yml as Compose reads it: taken as it is, and each service shut in. */

import assert from "node:assert/strict";
import { run } from "../../tools/cli/run.ts";
import { acceptance } from "./support/acceptance.ts";

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly restart: string;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly ports?: readonly unknown[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly [setting: string]: unknown;
}

interface Model {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

/** The settings under which nothing gets out of a container, by name. */
const SHUT_IN = {
  read_only: true, // Compose's word for the root file system of a container
  cap_drop: ["ALL"],
  security_opt: ["no-new-privileges:true"],
  logging: { driver: "json-file", options: { "max-file": "5", "max-size": "10m" } },
};
/** What would open it again. */
const OPENINGS = ["privileged", "cap_add", "devices", "ipc", "network_mode", "pid", "userns_mode"];
const WAITED_FOR = ["service_healthy", "service_completed_successfully"];

async function model(): Promise<Model> {
  const file = new URL("../../deploy/compose.yml", import.meta.url).pathname;
  const argv = ["docker", "compose", "--file", file, "config", "--format", "json"];
  return JSON.parse(await run(argv, { env: { BIGEYE_NAME: "plane.example.com" } }));
}

acceptance("each service of the compose file is shut in, bounded and watched", async () => {
  const { services } = await model();
  const names = Object.keys(services).toSorted();
  assert.deepEqual(names, [
    "balancer",
    "control-plane",
    "postgres",
    "temporal",
    "temporal-namespace",
    "temporal-schema",
  ]);
  for (const [name, service] of Object.entries(services)) {
    const settings = Object.keys(SHUT_IN).map((setting) => [setting, service[setting]]);
    assert.deepEqual(Object.fromEntries(settings), SHUT_IN, name);
    assert.deepEqual(OPENINGS.filter((setting) => setting in service), [], name);
    assert(Number(service.mem_limit) > 0 && Number(service.pids_limit) > 0, name);
    // Our own image says itself that it is not root's.
    if (name !== "control-plane") assert.match(service.user ?? "", /^[1-9]\d*:[1-9]\d*$/, name);
    assert.match(service.image, /:(dev|\d+\.\d+(\.\d+)?(-\w+)?)$/, name);
    const isStep = service.restart === "on-failure";
    assert(isStep || (service.restart === "unless-stopped" && service.healthcheck), name);
    const conditions = Object.values(service.depends_on ?? {}).map(({ condition }) => condition);
    assert.deepEqual(conditions.filter((condition) => !WAITED_FOR.includes(condition)), [], name);
  }
});

// Somebody on a host's network, or a container beside these: all that they reach is the balancer.
acceptance("only the balancer is on a network with a way in or out", async () => {
  const { services, networks } = await model();
  const open = Object.keys(networks).filter((name) => !networks[name]?.internal);
  assert.deepEqual(open, ["outside"]);
  const reached = Object.keys(services).filter((name) =>
    services[name]?.ports || open.some((network) => network in (services[name]?.networks ?? {}))
  );
  assert.deepEqual(reached, ["balancer"]);
  const beside = Object.keys(services).filter((name) =>
    "temporal" in (services[name]?.networks ?? {})
  );
  assert.equal(beside.includes("control-plane"), false);
});

// Whoever may list processes, or ask the engine what a container was started with.
acceptance("no secret is in an argument or a variable of a service", async () => {
  const { services } = await model();
  const told = Object.entries(services).flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([variable]) => /PASSWORD|PWD|SECRET|TOKEN|KEY|URL/.test(variable))
      .map(([variable, value]) => `${name} ${variable}=${value}`)
  );
  assert.deepEqual(told.toSorted(), [
    "control-plane BIGEYE_PLANE_DATABASE_URL_FILE=/run/secrets/plane_database_url",
    "control-plane BIGEYE_PLANE_TEMPORAL_API_KEY_FILE=/run/secrets/temporal_api_key",
    "postgres POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password",
  ]);
});
