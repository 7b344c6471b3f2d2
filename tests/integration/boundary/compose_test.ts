import assert from "node:assert/strict";
import { PROXY_FLAGS } from "../../../boundary/policy.ts";
import { checkProxyContainer, verifyOnDisk } from "../../../boundary/verify.ts";
import { systemFiles } from "../../../lib/system/files.ts";
import { composeFile, type StackPlan } from "../../../templates/compose.ts";
import {
  COMPOSE_FILE,
  INTERNAL_NETWORK,
  ORCHESTRATOR_SERVICE,
  PROXY_SERVICE,
} from "../../../templates/stack.ts";
import { importTinyImage } from "./tiny_image.ts";

const SOCKET = "/var/run/docker.sock";

async function docker(...args: readonly string[]): Promise<string> {
  const command = new Deno.Command("docker", { args: [...args], stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  if (!success) throw new Error(`docker ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout).trim();
}

interface Stack extends AsyncDisposable {
  readonly plan: StackPlan;
  readonly text: string;
  compose(...args: readonly string[]): Promise<string>;
}

/** Writes the rendered stack to a folder whose name has every character that is special to Compose. */
async function openStack(): Promise<Stack> {
  const root = await Deno.makeTempDir();
  const id = crypto.randomUUID().slice(0, 8);
  const image = `bigeye-compose-test:${id}`;
  await importTinyImage(image);
  const plan: StackPlan = {
    project: `bigeye-test-${id}`,
    image,
    hostFolder: `${root}/we ird:$HOME \${X}`,
    uid: 65532,
    gid: 65532,
    socketGid: (await Deno.stat(SOCKET)).gid ?? 0,
    proxyFlags: PROXY_FLAGS,
    restart: "unless-stopped",
  };
  const text = composeFile(plan);
  await Deno.mkdir(`${plan.hostFolder}/agent_runs`, { recursive: true });
  await Deno.chmod(root, 0o755);
  await Deno.chown(`${plan.hostFolder}/agent_runs`, plan.uid, plan.gid);
  await Deno.writeTextFile(`${plan.hostFolder}/${COMPOSE_FILE}`, text);
  const compose = (...args: readonly string[]) =>
    docker("compose", "--file", `${plan.hostFolder}/${COMPOSE_FILE}`, ...args);
  return {
    plan,
    text,
    compose,
    [Symbol.asyncDispose]: async () => {
      await compose("down", "--timeout", "2");
      await docker("image", "rm", image);
      await Deno.remove(root, { recursive: true });
    },
  };
}

Deno.test("the rendered stack on a real engine", async (t) => {
  await using stack = await openStack();
  const { plan, compose } = stack;
  const folder = plan.hostFolder;

  await t.step("Docker Compose reads the values of the plan", async () => {
    const read = JSON.parse(await compose("config", "--format", "json"));
    const { image, user, volumes, networks } = read.services[ORCHESTRATOR_SERVICE];
    // Compose prints a literal `$` as `$$`, so that its output can be read again.
    const printed = (path: string) => path.replaceAll("$", "$$$$");
    assert.deepEqual({
      name: read.name,
      image,
      user,
      sources: volumes.map((one: { source: string }) => one.source),
      networks: Object.keys(networks),
      flags: read.services[PROXY_SERVICE].environment,
    }, {
      name: plan.project,
      image: plan.image,
      user: "65532:65532",
      sources: [printed(folder), printed(`${folder}/agent_runs`)],
      networks: ["default", INTERNAL_NETWORK],
      flags: {
        ...PROXY_FLAGS,
        MALLOC_ARENA_MAX: "1",
        MALLOC_TRIM_THRESHOLD_: "65536",
        TMPDIR: "/tmp",
      },
    });
  });

  await t.step("the check accepts the folder on disk", async () => {
    await verifyOnDisk(systemFiles, folder);
  });

  await compose("up", "--detach");

  await t.step(
    "the orchestrator can read the host folder and write only to agent_runs",
    async () => {
      const inside = (script: string) =>
        compose("exec", "-T", ORCHESTRATOR_SERVICE, "/bin/bash", "-c", script);
      const script =
        `cd "$BIGEYE_HOST_FOLDER" && echo "$PWD" && cat ${COMPOSE_FILE} >&2 && /bin/id -u;
      echo x > agent_runs/run.txt && echo runs are writable
      echo x > x.txt || echo the folder is not
      echo x > /x.txt || echo nor is the root
      echo x > /tmp/x && /bin/stat -c '%a %u' /tmp`;
      assert.deepEqual((await inside(`{ ${script}; } 2>/dev/null`)).split("\n"), [
        folder,
        "65532",
        "runs are writable",
        "the folder is not",
        "nor is the root",
        "700 65532",
      ]);
      const { uid } = await Deno.stat(`${folder}/agent_runs/run.txt`);
      assert.equal(uid, plan.uid);
    },
  );

  await t.step(
    "the Docker socket is in the proxy's container and not in the orchestrator's",
    async () => {
      // Attacker: has a shell in the orchestrator's container, and wants to bypass the proxy.
      const look = `[ -e ${SOCKET} ] && echo there || echo gone`;
      const shell = ["exec", "-T", ORCHESTRATOR_SERVICE, "/bin/bash", "-c"];
      assert.equal(await compose(...shell, look), "gone");
      const holder = [
        "exec",
        "-T",
        PROXY_SERVICE,
        "/bin/bash",
        "-c",
        `[ -w ${SOCKET} ] && echo there`,
      ];
      assert.equal(await compose(...holder), "there");
    },
  );

  await t.step("both containers are confined and have limits", async () => {
    const ids = (await compose("ps", "--quiet")).split("\n");
    const found = JSON.parse(await docker("inspect", ...ids));
    for (const { HostConfig: host, Config: config } of found) {
      assert.deepEqual({
        readOnly: host.ReadonlyRootfs,
        capDrop: host.CapDrop,
        security: host.SecurityOpt,
        privileged: host.Privileged,
        ports: host.PortBindings,
        restart: host.RestartPolicy.Name,
        log: host.LogConfig.Config,
        health: config.Healthcheck.Interval,
        root: /^(0|root)?(:|$)/.test(config.User),
        limited: host.Memory > 0 && host.PidsLimit > 0,
      }, {
        readOnly: true,
        capDrop: ["ALL"],
        security: ["no-new-privileges:true"],
        privileged: false,
        ports: {},
        restart: "unless-stopped",
        log: { "max-file": "5", "max-size": "10m" },
        health: 15_000_000_000,
        root: false,
        limited: true,
      });
    }
  });

  await t.step("the check accepts the running proxy", async () => {
    const id = await compose("ps", "--quiet", PROXY_SERVICE);
    const [found] = JSON.parse(await docker("inspect", id));
    assert.deepEqual(checkProxyContainer(found, plan.project), []);
  });

  await t.step("the host has no address in the internal network", async () => {
    // Attacker: a local user outside the docker group. Without inhibit_ipv4 the host could reach the proxy.
    const name = `${plan.project}_${INTERNAL_NETWORK}`;
    const [network] = JSON.parse(await docker("network", "inspect", name));
    const bridge = `br-${network.Id.slice(0, 12)}`;
    const addresses = Deno.networkInterfaces().filter((one) =>
      one.name === bridge && one.family === "IPv4"
    );
    assert.deepEqual({ internal: network.Internal, addresses }, { internal: true, addresses: [] });
  });

  await t.step("the agents' network does not contain the proxy", async () => {
    // Attacker: in an agent's container, and searches the default network of the stack.
    const [network] = JSON.parse(await docker("network", "inspect", `${plan.project}_default`));
    const names = Object.values<{ Name: string }>(network.Containers).map(({ Name }) => Name);
    assert.deepEqual(names, [`${plan.project}-${ORCHESTRATOR_SERVICE}-1`]);
  });
});
