/** The stack of deploy/compose.yml: Postgres, Temporal and several control planes behind a load balancer. */

import assert from "node:assert/strict";
import type { Job } from "../../../lib/contract/job.ts";
import type { Run } from "../../../lib/contract/run.ts";
import { run } from "../../../tools/cli/run.ts";
import { waitFor } from "../../harness/time/wait.ts";
import { COMPANY } from "../../fakes/keys/key_pairs.ts";
import { ORCHESTRATOR } from "../../fakes/control_plane/plane.ts";
import { registration } from "../../fakes/control_plane/registration.ts";
import { emptyDisk } from "../../harness/temporal/fake_host.ts";
import { host } from "../../harness/temporal/world.ts";
import { acceptance } from "../support/acceptance.ts";
import { type Caller, caller, CLAIMED, openEvents } from "./caller.ts";
import { inDocker } from "../support/leftovers.ts";
import {
  type ClusterStack,
  documentedCommands,
  missingPrograms,
  openClusterStack,
} from "./stack.ts";

const HOST = "prod-1";
/** The gRPC status of a call to an unknown service. */
const UNIMPLEMENTED = 12;
const PATIENCE = { timeoutMs: 120_000, intervalMs: 500 };

acceptance("several control planes work behind a load balancer", async (built, t) => {
  const [prepare, up, adminKey, scale, down, ...more] = await documentedCommands();
  assert(prepare && up && adminKey && scale && down && more.length === 0);
  let project = "";
  {
    await using stack = await openClusterStack(built);
    project = stack.project;
    await t.step("the documented commands start a healthy stack", async () => {
      await stack.run(prepare);
      await stack.run(up);
      assert.deepEqual(await states(stack), {
        balancer: ["running healthy"],
        "control-plane": ["running healthy", "running healthy"],
        postgres: ["running healthy"],
        temporal: ["running healthy"],
        "temporal-namespace": ["exited 0"],
        "temporal-schema": ["exited 0"],
      });
    });
    const key = (await stack.run(adminKey)).trim();
    using admin = caller(key, await stack.secret("tls_authority"));
    await testWork(t, stack, admin);

    await t.step("the documented command adds a control plane", async () => {
      await stack.run(scale);
      assert.equal((await stack.planes()).length, 3);
    });
    await stack.run(down);
  }
  assert.deepEqual((await inDocker()).filter((line) => line.includes(project)), []);
}, { missing: missingPrograms() });

async function testWork(t: Deno.TestContext, stack: ClusterStack, admin: Caller): Promise<void> {
  const { url } = stack;
  const [one, other] = await stack.planes();
  assert(one && other);
  await admin.call(url, "PUT", "/api/v1/agent/public-key", { publicKey: COMPANY.publicPem });
  const bigeye = await admin.call(url, "GET", "/api/v1/agent/public-key/bigeye");
  const newJob = (base: string) =>
    admin.call(base, "POST", `${ORCHESTRATOR}/jobs`, JOB) as Promise<Job>;

  await t.step(
    "a host that registers gets the address and the credentials of Temporal",
    async () => {
      const { headers, body } = registration({ host_id: HOST, managed_agents: ["datahealth"] });
      const path = `${ORCHESTRATOR}/register`;
      const answer = await admin.call(url, "POST", path, body, headers) as Registered;
      assert.deepEqual(answer.temporal, {
        address: stack.temporal,
        namespace: "default",
        taskQueue: `bigeye-agent-host-${HOST}`,
        serverName: "localhost",
      });
      assert.equal(answer.caCertificate.trim(), await stack.secret("tls_authority"));
      assert.equal(answer.temporalApiKey, await stack.secret("temporal_api_key"));
    },
  );

  await t.step("Temporal cannot be reached without its key", () => testTemporalKey(stack, admin));

  await t.step("an open page gets the changes that any control plane makes", async () => {
    const events = await openEvents(url, admin);
    try {
      for (const { url } of [one, other]) {
        await newJob(url);
        await events.received("event: change\ndata: jobs");
      }
    } finally {
      await events.close();
    }
  });

  await t.step(
    "the audit log has the real address of callers, whatever X-Forwarded-For they send",
    async () => {
      const { entries } = await admin.call(url, "GET", "/api/v1/audit") as Audit;
      const from = entries.filter(({ action }) => action === "host.register")
        .map(({ actor }) => actor.from);
      assert.equal(from.length, 1);
      assert(
        ![null, CLAIMED, await stack.balancerAddress()].includes(from[0] ?? null),
        from[0] ?? "",
      );
    },
  );

  const keys = { bigeye: { ...COMPANY, publicPem: (bigeye as { publicKey: string }).publicKey } };
  const disk = emptyDisk();
  const temporal = {
    address: stack.temporal,
    tls: { serverName: "localhost", caPem: await stack.secret("tls_authority") },
    apiKey: await stack.secret("temporal_api_key"),
  };
  await using _host = await host(temporal, { ...keys, company: COMPANY }, { hostId: HOST, disk });
  /** Triggers a job at one address, and waits until another address shows that its run succeeded. */
  const succeeds = async (job: Job, trigger: string, read: string) => {
    const path = `${ORCHESTRATOR}/jobs/${job.id}/runs`;
    const { id } = await admin.call(trigger, "POST", path) as Run;
    const ended = async () => {
      const seen = await admin.call(read, "GET", `${ORCHESTRATOR}/runs/${id}`) as Run;
      return seen.ended_at === null ? undefined : seen.status;
    };
    assert.equal(await waitFor(ended, { what: `run ${id} to end`, ...PATIENCE }), "succeeded");
  };

  await t.step("a job that one control plane created can be triggered at another", async () => {
    await succeeds(await newJob(one.url), other.url, one.url);
  });

  await t.step("requests and runs succeed after one control plane was killed", async () => {
    const job = await newJob(url);
    await run(["docker", "kill", one.id]);
    for (let i = 0; i < 20; i++) await admin.call(url, "GET", `${ORCHESTRATOR}/jobs/${job.id}`);
    await succeeds(job, url, url);
  });
}

const JOB = {
  name: "Nightly",
  host_id: HOST,
  agent_type: "datahealth",
  parameters: { file_name: "succeeds" },
};

interface Registered {
  readonly temporal: unknown;
  readonly caCertificate: string;
  readonly temporalApiKey: string;
}

interface Audit {
  readonly entries: readonly {
    readonly action: string;
    readonly actor: { readonly from: string | null };
  }[];
}

/** Returns the states of each service's containers. */
async function states(stack: ClusterStack): Promise<Record<string, string[]>> {
  const format = "{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}";
  const text = await stack.run(`docker compose ps --all --format '${format}'`);
  const found: Record<string, string[]> = {};
  for (const line of text.trim().split("\n")) {
    const [service = "", state = "", health = "", code = ""] = line.split(" ");
    (found[service] ??= []).push(`${state} ${state === "exited" ? code : health}`);
  }
  return found;
}

// Attacker: reaches the port for hosts, and tries no key, guessed keys, and the key in other schemes.
async function testTemporalKey({ temporal, secret }: ClusterStack, admin: Caller): Promise<void> {
  const key = await secret("temporal_api_key");
  /** The HTTP status, and the gRPC status if Temporal has answered. */
  const statusWith = async (authorization?: string) => {
    const response = await admin.fetch(`https://${temporal}/of.nobody/Nothing`, {
      method: "POST",
      headers: {
        "content-type": "application/grpc",
        te: "trailers",
        ...(authorization !== undefined && { authorization }),
      },
    });
    await response.body?.cancel();
    return `${response.status} ${response.headers.get("grpc-status")}`;
  };
  const guesses = [undefined, "", "Bearer ", "Bearer guessed", `Bearer ${key}0`, `Basic ${key}`];
  const statuses = await Promise.all(guesses.map(statusWith));
  assert.deepEqual(statuses, guesses.map(() => "401 null"));
  assert.equal(await statusWith(`Bearer ${key}`), `200 ${UNIMPLEMENTED}`);
}
