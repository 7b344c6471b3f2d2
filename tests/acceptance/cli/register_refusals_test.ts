/** What the compiled `register` refuses over a real network and with real programs; unit tests have the rest. */

import assert from "node:assert/strict";
import { type ControlPlane, startControlPlane } from "../../harness/scene/control_plane.ts";
import { systemFreePort } from "../../../lib/system/network.ts";
import { Rest } from "../../harness/scene/rest.ts";
import { acceptance, type Built } from "../support/acceptance.ts";
import { type Docker, operator } from "../support/operator.ts";

interface Account extends AsyncDisposable {
  readonly plane: ControlPlane;
  readonly agentKey: string;
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
  const parts = built.move();
  return { plane, agentKey, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

interface Refusal {
  readonly title: string;
  readonly code: number;
  /** The complete stderr; `~` is the folder, `@` Bigeye's address. */
  readonly stderr: string;
  readonly docker?: Docker;
  readonly env?: (account: Account) => Record<string, string>;
}

const CHECKED = "ok    Docker Compose 2.26.1, Docker Engine 20.10.24\n";

const REFUSALS: readonly Refusal[] = [
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
    for (const { title, docker, env, code, stderr } of REFUSALS) {
      await t.step(title, async () => {
        await using person = await operator(built, docker);
        const said = await person.run(["register", "--host-id", "host-1"], {
          BIGEYE_URL: plane.localUrl,
          ...env?.(account) ?? goodKeys,
        });
        const shown = said.stderr.replaceAll(person.folder, "~").replaceAll(plane.localUrl, "@");
        assert.deepEqual({ code: said.code, stderr: shown }, { code, stderr });
        const names = (await Array.fromAsync(Deno.readDir(person.folder))).map(({ name }) => name);
        assert.deepEqual(names, []);
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
