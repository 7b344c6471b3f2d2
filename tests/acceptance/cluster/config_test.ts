/** Tests deploy/compose.yml as Docker Compose reads it: each service is confined. */

import assert from "node:assert/strict";
import { run } from "../../../tools/cli/run.ts";
import { acceptance } from "../support/acceptance.ts";

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

/** The settings that confine a container; `read_only` is about its root file system. */
const CONFINED = {
  read_only: true,
  cap_drop: ["ALL"],
  security_opt: ["no-new-privileges:true"],
  logging: { driver: "json-file", options: { "max-file": "5", "max-size": "10m" } },
};
/** The settings that would weaken it. */
const WEAKENING = ["privileged", "cap_add", "devices", "ipc", "network_mode", "pid", "userns_mode"];
const WAITED_FOR = ["service_healthy", "service_completed_successfully"];

async function model(): Promise<Model> {
  const file = new URL("../../../deploy/compose.yml", import.meta.url).pathname;
  const argv = ["docker", "compose", "--file", file, "config", "--format", "json"];
  return JSON.parse(await run(argv, { env: { BIGEYE_NAME: "plane.example.com" } }));
}

acceptance(
  "each service of the compose file is confined, has limits and a health check",
  async () => {
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
      const settings = Object.keys(CONFINED).map((setting) => [setting, service[setting]]);
      assert.deepEqual(Object.fromEntries(settings), CONFINED, name);
      assert.deepEqual(WEAKENING.filter((setting) => setting in service), [], name);
      assert(Number(service.mem_limit) > 0 && Number(service.pids_limit) > 0, name);
      // The control plane's image sets its user itself.
      if (name !== "control-plane") assert.match(service.user ?? "", /^[1-9]\d*:[1-9]\d*$/, name);
      assert.match(service.image, /:(dev|\d+\.\d+(\.\d+)?(-\w+)?)$/, name);
      const isStep = service.restart === "on-failure";
      assert(isStep || (service.restart === "unless-stopped" && service.healthcheck), name);
      const conditions = Object.values(service.depends_on ?? {}).map(({ condition }) => condition);
      assert.deepEqual(conditions.filter((condition) => !WAITED_FOR.includes(condition)), [], name);
    }
  },
);

// Attacker: on a host's network, or in another container on this machine.
acceptance("only the load balancer is on a network that is reachable from outside", async () => {
  const { services, networks } = await model();
  const open = Object.keys(networks).filter((name) => !networks[name]?.internal);
  assert.deepEqual(open, ["outside"]);
  const reached = Object.keys(services).filter((name) =>
    services[name]?.ports || open.some((network) => network in (services[name]?.networks ?? {}))
  );
  assert.deepEqual(reached, ["balancer"]);
  const withTemporal = Object.keys(services).filter((name) =>
    "temporal" in (services[name]?.networks ?? {})
  );
  assert.equal(withTemporal.includes("control-plane"), false);
});

// Attacker: may list processes, or inspect containers.
acceptance("no secret is in an argument or an environment variable of a service", async () => {
  const { services } = await model();
  const found = Object.entries(services).flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([variable]) => /PASSWORD|PWD|SECRET|TOKEN|KEY|URL/.test(variable))
      .map(([variable, value]) => `${name} ${variable}=${value}`)
  );
  assert.deepEqual(found.toSorted(), [
    "control-plane BIGEYE_PLANE_DATABASE_URL_FILE=/run/secrets/plane_database_url",
    "control-plane BIGEYE_PLANE_TEMPORAL_API_KEY_FILE=/run/secrets/temporal_api_key",
    "postgres POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password",
  ]);
});
