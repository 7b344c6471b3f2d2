/** Which key may call which route: the whole table. */

import assert from "node:assert/strict";
import { ROUTES } from "../../../control_plane/api/routes/mod.ts";
import { type Key, testPlane } from "../../fakes/plane.ts";

const KEYS = ["admin", "member", "agent", "integration", "none"] as const satisfies Key[];

/** By operation, in the order of the keys above; the body is empty and the id one that nobody has. */
const STATUSES: Readonly<Record<string, string>> = {
  verifyPersonalApiKey: "204 204 401 401 401",
  listPersonalApiKeys: "200 200 403 403 401",
  createPersonalApiKey: "422 422 403 403 401",
  deletePersonalApiKey: "404 404 403 403 401",
  verifyAgentApiKey: "401 401 204 204 401",
  listAgentApiKeys: "200 403 403 403 401",
  createAgentApiKey: "422 403 403 403 401",
  deleteAgentApiKey: "404 403 403 403 401",
  getPublicKey: "404 404 404 404 401",
  setPublicKey: "422 403 403 403 401",
  getBigeyePublicKey: "200 200 200 200 401",
  getMe: "200 200 403 403 401",
  listUsers: "200 403 403 403 401",
  addUser: "422 403 403 403 401",
  updateUser: "422 403 403 403 401",
  deleteUser: "404 403 403 403 401",
  listUsersPersonalApiKeys: "404 403 403 403 401",
  listHosts: "200 200 403 403 401",
  getHost: "404 404 403 403 401",
  registerHost: "422 403 422 403 401",
  removeHost: "404 403 403 403 401",
  recordHeartbeat: "422 403 422 403 401",
  listJobs: "200 200 403 403 401",
  createJob: "422 403 403 403 401",
  getJob: "404 404 403 403 401",
  updateJob: "428 403 403 403 401",
  deleteJob: "428 403 403 403 401",
  triggerRun: "404 403 403 403 401",
  listHistory: "404 404 403 403 401",
  listRuns: "200 200 403 403 401",
  getRun: "404 404 403 403 401",
  cancelRun: "404 403 403 403 401",
  listAudit: "200 403 403 403 401",
  exportAudit: "200 403 403 403 401",
  getOpenApi: "200 200 200 200 200",
  getHealth: "200 200 200 200 200",
};

// A member of the company, a host with its agent key, a program with an integration key or a stranger
// tries every address there is.
Deno.test("each route lets in the keys that it is for, and no other", async () => {
  await using plane = await testPlane();
  const found: Record<string, string> = {};
  for (const { id, method, path } of ROUTES) {
    const address = path.replaceAll(/\{\w+\}/g, "x");
    const statuses: number[] = [];
    for (const as of KEYS) {
      const body = method === "GET" || method === "DELETE" ? undefined : {};
      statuses.push((await plane.call(method, address, { as, body })).status);
    }
    found[id] = statuses.join(" ");
  }
  assert.deepEqual(found, STATUSES);
});
