/** What `register` refuses before it changes anything, with the compiled programs and without an engine. */

import assert from "node:assert/strict";
import { parse } from "valibot";
import { CreatedUserSchema } from "../../../lib/contract/users.ts";
import { API } from "../../../lib/contract/rest.ts";
import { type ControlPlane, startControlPlane } from "../../harness/scene/control_plane.ts";
import { systemFreePort } from "../../../lib/system/network.ts";
import { Rest } from "../../harness/scene/rest.ts";
import { acceptance, type Built } from "../support/acceptance.ts";
import { type Docker, operator } from "../support/operator.ts";

interface Account extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly agentKey: string;
  /** The key of a user who is not an admin. */
  readonly memberKey: string;
}

/** Starts a control plane without Temporal, which `register` does not need. */
async function openAccount({ binaries }: Built): Promise<Account> {
  await using built = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "bigeye-account-" });
  built.defer(() => Deno.remove(folder, { recursive: true }));
  const plane = built.use(
    await startControlPlane(`${binaries}/bigeye-control-plane`, {
      folder,
      gateway: "127.0.0.2",
      temporal: `127.0.0.1:${systemFreePort()}`,
    }),
  );
  const rest = new Rest(plane.localUrl, plane.adminKey);
  const agentKey = await rest.createAgentKey("host");
  const member = await rest.call("POST", `${API}/users`, { name: "Mallory", role: "member" });
  const { apiKey: memberKey } = parse(CreatedUserSchema, member);
  const parts = built.move();
  return { plane, agentKey, memberKey, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

interface Refusal {
  readonly title: string;
  readonly code: number;
  /** The complete stderr; `~` is the folder, `@` Bigeye's address. */
  readonly stderr: string;
  readonly docker?: Docker;
  readonly config?: string;
  readonly hostId?: string;
  readonly env?: (account: Account) => Record<string, string>;
}

const CHECKED = "ok    Docker Compose 2.26.1, Docker Engine 20.10.24\n";

const REFUSALS: readonly Refusal[] = [
  {
    title: "a host id with a space",
    hostId: "prod agent",
    code: 2,
    stderr: `error: Cannot use host id "prod agent": it must be 1 to 256 letters, digits or hyphens
 hint: Choose another one, as in --host-id prod-agent-01
 code: host_id_invalid
`,
  },
  {
    title: "a configuration of a Kubernetes host",
    config: "deployment: kubernetes\n",
    code: 3,
    stderr: `error: Cannot register a Kubernetes host: "~/bigeye_agent.yml" describes one
 hint: Run "bigeye-agent register" on a Docker host, in a separate folder
 code: kubernetes_host
`,
  },
  {
    title: "broken YAML, with line and column",
    config: "bigeye:\n  url: [http://one\n",
    code: 3,
    stderr: `error: Cannot read "~/bigeye_agent.yml": it is not valid YAML
       line 3, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]
 hint: Open "~/bigeye_agent.yml" and correct the places that are named
 code: config_not_yaml
`,
  },
  {
    title: "a duplicate key, with line and column",
    config: "bigeye:\n  url: http://one\n  url: http://two\n",
    code: 3,
    stderr: `error: Cannot read "~/bigeye_agent.yml": it is not valid YAML
       line 3, column 3: Map keys must be unique
 hint: Open "~/bigeye_agent.yml" and correct the places that are named
 code: config_not_yaml
`,
  },
  {
    title: "an engine that does not run",
    docker: "has no engine",
    code: 3,
    stderr: `error: Cannot talk to the Docker Engine: it does not answer
       Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
 hint: Start it with "sudo systemctl start docker", then check "docker info"
 code: docker_down
`,
  },
  {
    title: "a machine without Docker",
    docker: "is not installed",
    code: 3,
    stderr: `error: Cannot find the program "docker"
 hint: Install Docker Engine and Docker Compose V2 as in https://docs.docker.com/compose/install/
 code: docker_missing
`,
  },
  {
    title: "a Personal API Key that Bigeye does not know",
    env: ({ agentKey }) => ({ BIGEYE_PERSONAL_API_KEY: "wrong", BIGEYE_AGENT_API_KEY: agentKey }),
    code: 4,
    stderr: `${CHECKED}error: Cannot use the Personal API Key: "@" does not accept it
 hint: Check the key and --bigeye-url, or create a new Personal API Key in Bigeye and use that
 code: key_rejected
`,
  },
  {
    title: "the Personal API Key of a member",
    env: ({ agentKey, memberKey }) => ({
      BIGEYE_PERSONAL_API_KEY: memberKey,
      BIGEYE_AGENT_API_KEY: agentKey,
    }),
    code: 4,
    stderr:
      `${CHECKED}error: Cannot register a host with the Personal API Key of "Mallory": it is not an admin's
 hint: Run the same command with the Personal API Key of an admin
 code: admin_key_required
`,
  },
  {
    title: "an Agent API Key that Bigeye does not know",
    env: ({ plane }) => ({
      BIGEYE_PERSONAL_API_KEY: plane.adminKey,
      BIGEYE_AGENT_API_KEY: "wrong",
    }),
    code: 4,
    stderr: `${CHECKED}error: Cannot use the Agent API Key: "@" does not accept it
 hint: Check the key and --bigeye-url, or create a new Agent API Key in Bigeye and use that
 code: key_rejected
`,
  },
  {
    title: "an address where Bigeye is not running",
    env: ({ plane, agentKey }) => ({
      BIGEYE_URL: "http://127.0.0.1:1",
      BIGEYE_PERSONAL_API_KEY: plane.adminKey,
      BIGEYE_AGENT_API_KEY: agentKey,
    }),
    code: 1,
    stderr: `${CHECKED}error: Cannot reach Bigeye at "http://127.0.0.1:1"
       error sending request for url (http://127.0.0.1:1/api/v1/personal-api-keys/verify): client error (Connect): tcp connect error: Connection refused (os error 111)
 hint: Check --bigeye-url, and --proxy and --ca-file where the network needs them, or try "curl -v http://127.0.0.1:1"
 code: bigeye_unreachable
`,
  },
];

acceptance(
  "register refuses with a message and a hint, and changes nothing in the folder",
  async (built, t) => {
    await using account = await openAccount(built);
    const { plane, agentKey } = account;
    const goodKeys = { BIGEYE_PERSONAL_API_KEY: plane.adminKey, BIGEYE_AGENT_API_KEY: agentKey };
    for (const { title, docker, config, hostId, env, code, stderr } of REFUSALS) {
      await t.step(title, async () => {
        await using person = await operator(built, docker);
        if (config !== undefined) await person.write("bigeye_agent.yml", config);
        const said = await person.run(["register", "--host-id", hostId ?? "host-1"], {
          BIGEYE_URL: plane.localUrl,
          ...env?.(account) ?? goodKeys,
        });
        const shown = said.stderr.replaceAll(person.folder, "~").replaceAll(plane.localUrl, "@");
        assert.deepEqual({ code: said.code, stderr: shown }, { code, stderr });
        const names = (await Array.fromAsync(Deno.readDir(person.folder))).map(({ name }) => name);
        assert.deepEqual(names, config === undefined ? [] : ["bigeye_agent.yml"]);
      });
    }

    await t.step("a folder that this user may not write to", async () => {
      await using person = await operator(built);
      await Deno.chmod(person.folder, 0o555);
      const said = await person.run(["register", "--host-id", "host-1"], {
        BIGEYE_URL: plane.localUrl,
        ...goodKeys,
      }, { dropRoot: true });
      const shown = said.stderr.replaceAll(person.folder, "~");
      assert.deepEqual({ code: said.code, last: shown.split("\n").slice(-4) }, {
        code: 3,
        last: [
          'error: Cannot write "~/agent_config": this user may not',
          ` hint: Run "ls -ld '~/agent_config'" and give the folder to this user, or run as its owner`,
          " code: path_unwritable",
          "",
        ],
      });
    });
  },
);
