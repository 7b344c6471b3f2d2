/** Which kind of key may call which route. */

import assert from "node:assert/strict";
import { ROUTES } from "../../../control_plane/api/routes/mod.ts";
import { type Key, testPlane } from "../../fakes/control_plane/plane.ts";

const KEYS = ["admin", "member", "agent", "integration", "none"] as const satisfies Key[];

/** The words for a 403 in the table, by error code. */
const REFUSED: Readonly<Record<string, string>> = {
  admin_key_required: "admin",
  key_kind_refused: "kind",
};

/**
 * The status of each operation in the order of the keys above, or the reason of a 403. The requests have an empty
 * body and an unknown id.
 */
const ANSWERS: Readonly<Record<string, string>> = {
  verifyPersonalApiKey: "204 204 401 401 401",
  listPersonalApiKeys: "200 200 kind kind 401",
  createPersonalApiKey: "422 422 kind kind 401",
  deletePersonalApiKey: "404 404 kind kind 401",
  verifyAgentApiKey: "401 401 204 204 401",
  listAgentApiKeys: "200 admin admin admin 401",
  createAgentApiKey: "422 admin admin admin 401",
  deleteAgentApiKey: "404 admin admin admin 401",
  getPublicKey: "404 404 404 404 401",
  setPublicKey: "422 admin admin admin 401",
  getBigeyePublicKey: "200 200 200 200 401",
  getPublicKeyV1: "404 404 404 404 401",
  setPublicKeyV1: "422 admin admin admin 401",
  getBigeyePublicKeyV1: "200 200 200 200 401",
  getMe: "200 200 kind kind 401",
  listUsers: "200 admin admin admin 401",
  addUser: "422 admin admin admin 401",
  updateUser: "422 admin admin admin 401",
  deleteUser: "404 admin admin admin 401",
  listUsersPersonalApiKeys: "404 admin admin admin 401",
  listHosts: "200 200 kind kind 401",
  getHost: "404 404 kind kind 401",
  registerHost: "422 admin 422 kind 401",
  removeHost: "404 admin admin admin 401",
  recordHeartbeat: "422 admin 422 kind 401",
  listJobs: "200 200 kind kind 401",
  createJob: "422 admin admin admin 401",
  getJob: "404 404 kind kind 401",
  updateJob: "428 admin admin admin 401",
  deleteJob: "428 admin admin admin 401",
  triggerRun: "404 admin admin admin 401",
  listHistory: "404 404 kind kind 401",
  listRuns: "200 200 kind kind 401",
  getRun: "404 404 kind kind 401",
  cancelRun: "404 admin admin admin 401",
  listAudit: "200 admin admin admin 401",
  exportAudit: "200 admin admin admin 401",
  getOpenApi: "200 200 200 200 200",
  getHealth: "200 200 200 200 200",
};

// Attacker: a member, a host with an agent key, a program with an integration key, or a caller without a key, who
// tries every route.
Deno.test("each route accepts exactly the kinds of keys in the table", async () => {
  await using plane = await testPlane();
  const found: Record<string, string> = {};
  for (const { id, method, path } of ROUTES) {
    const address = path.replaceAll(/\{\w+\}/g, "x");
    const statuses: string[] = [];
    for (const as of KEYS) {
      const body = method === "GET" || method === "DELETE" ? undefined : {};
      const answer = await plane.call(method, address, { as, body });
      const reason = answer.status === 403 ? REFUSED[answer.body.code] : undefined;
      statuses.push(reason ?? `${answer.status}`);
    }
    found[id] = statuses.join(" ");
  }
  assert.deepEqual(found, ANSWERS);
});
