/** A client that a public generator creates from the served document, type-checked and run. */

import assert from "node:assert/strict";
import openapiTypescript, { astToString } from "openapi-typescript";
import { ORCHESTRATOR, type TestPlane, testPlane } from "../../../fakes/control_plane/plane.ts";
import { inFolder } from "../../../fakes/system/temporary_folder.ts";

/** The program of an integrator, which uses the generated types. */
const PROGRAM = `
import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

const [baseUrl = "", key = ""] = Deno.args;
const client = createClient<paths>({ baseUrl, headers: { authorization: \`apikey \${key}\` } });
const JOBS = "/api/v1/agent-orchestrator/jobs";
const RUN = "/api/v1/agent-orchestrator/runs/{id}";

// @ts-expect-error A lineage job takes connectors, not a file name.
const wrong: components["schemas"]["NewJob"] = { name: "x", host_id: "h", agent_type: "lineage", parameters: { file_name: "a" } };
void wrong;

const created = await client.POST(JOBS, {
  body: {
    name: "nightly",
    host_id: "h-1",
    agent_type: "lineage",
    parameters: { connectors: ["snowflake"] },
  },
});
if (!created.data) throw new Error(created.error.message);
const jobId = created.data.id;

const trigger = (key: string) =>
  client.POST(\`\${JOBS}/{id}/runs\`, {
    params: { path: { id: jobId }, header: { "Idempotency-Key": key } },
  });
const first = await trigger("click-1");
const repeated = await trigger("click-1");
if (!first.data || !repeated.data) throw new Error("not triggered");
const path = { id: first.data.id };

const refused = await trigger("click-2");
const code = refused.error?.code;
// @ts-expect-error The codes are known, and this is none of them.
if (code === "nonsense") throw new Error(code);
if (code !== "run_already_active") throw new Error("not refused");

const seen: string[] = [first.data.status];
async function watchUntil(wanted: components["schemas"]["Run"]["status"]): Promise<void> {
  let etag = "";
  while (seen.at(-1) !== wanted) {
    const { data, response } = await client.GET(RUN, {
      params: { path, header: { "If-None-Match": etag } },
    });
    etag = response.headers.get("etag") ?? "";
    if (data) seen.push(data.status);
    else if (response.status === 304) seen.push("same");
    else throw new Error(\`watching was answered with \${response.status}\`);
  }
}
await watchUntil("running");
const canceled = await client.POST(\`\${RUN}/cancel\`, { params: { path } });
await watchUntil("canceled");

console.log(JSON.stringify({
  repeated: [repeated.response.status, repeated.data.id === path.id],
  refused: [refused.response.status, code],
  canceled: canceled.response.status,
  seen,
}));
`;

/** Serves the plane over HTTP. The run starts at its second request, and ends when it is canceled. */
function served(plane: TestPlane): Deno.HttpServer<Deno.NetAddr> {
  let requests = 0;
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const [, id, isCancel] = /\/runs\/([^/]+)(\/cancel)?$/.exec(new URL(request.url).pathname) ??
      [];
    const answer = await plane.fetch(request);
    if (id === undefined) return answer;
    const at = plane.clock.now().toISOString();
    if (isCancel) {
      await plane.store.outbox.recordOutcome(id, {
        status: "canceled",
        reason: "canceled_by_user",
        phases: [],
        ended_at: at,
      });
    } else if (++requests === 2) {
      await plane.store.outbox.recordPhases(id, [{ phase: "running", at }]);
    }
    return answer;
  });
}

Deno.test("a generated client creates a job, and triggers, watches and cancels its run", () =>
  inFolder(async (folder) => {
    await using plane = await testPlane();
    await plane.addHost("h-1");
    await using server = served(plane);
    const url = `http://127.0.0.1:${server.addr.port}`;
    const types = await openapiTypescript(new URL(`${url}/api/v1/openapi.json`), {
      // A field with a default may be absent in a request.
      defaultNonNullable: false,
    });
    await Deno.writeTextFile(`${folder}/api.d.ts`, astToString(types));
    await Deno.writeTextFile(`${folder}/client.ts`, PROGRAM);
    const config = new URL("../../../../deno.json", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--check", "--quiet", "--no-prompt", "--config", config, "--frozen"],
        ...[`--allow-net=127.0.0.1:${server.addr.port}`, `${folder}/client.ts`],
        ...[url, plane.keys.admin],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const printed = new TextDecoder().decode(stdout);
    assert.notEqual(printed, "", new TextDecoder().decode(stderr));
    assert.deepEqual(JSON.parse(printed), {
      repeated: [200, true],
      refused: [409, "run_already_active"],
      canceled: 202,
      seen: ["queued", "queued", "same", "running", "canceled"],
    });
    const { body } = await plane.call("GET", `${ORCHESTRATOR}/runs`);
    assert.deepEqual(body.runs.map(({ status }: { status: string }) => status), ["canceled"]);
  }));
