/** Hosts: the list, registration, heartbeats. */

import * as v from "valibot";
import {
  HeartbeatAnswerSchema,
  HeartbeatBodySchema,
  type HostCredentials,
  HostListSchema,
  HostSchema,
  RegisterAnswerSchema,
  RegisterBodySchema,
} from "../../../lib/contract/host.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { hostQueue } from "../../../lib/contract/temporal_names.ts";
import type { Log } from "../../../lib/ports.ts";
import { pageQuery } from "../../http/queries.ts";
import { type Route, route } from "../route.ts";
import { isAdmin } from "../../http/authentication.ts";

function tellIssued(log: Log, host_id: string, { client_certificate }: HostCredentials): void {
  if (client_certificate !== undefined) log("info", "certificate issued", { host_id });
}

const listHosts = route({
  id: "listHosts",
  summary: "List hosts",
  method: "GET",
  path: `${ORCHESTRATOR_API}/hosts`,
  who: "personal",
  query: v.strictObject(pageQuery),
  answers: { 200: HostListSchema },
  async answer({ needs, query }) {
    return { status: 200, body: await needs.store.hosts.list(query) };
  },
});

const getHost = route({
  id: "getHost",
  summary: "Show a host",
  method: "GET",
  path: `${ORCHESTRATOR_API}/hosts/{host_id}`,
  who: "personal",
  refuses: ["host_not_found"],
  answers: { 200: HostSchema },
  async answer({ needs, params }) {
    return { status: 200, body: await needs.store.hosts.get(params.host_id) };
  },
});

const register = route({
  id: "registerHost",
  summary: "Register a host",
  method: "POST",
  path: `${ORCHESTRATOR_API}/register`,
  who: "agent_or_admin",
  body: RegisterBodySchema,
  refuses: ["host_already_registered", "host_has_active_runs", "company_key_missing"],
  answers: { 200: RegisterAnswerSchema, 201: RegisterAnswerSchema },
  async answer({ needs: { store, temporal, hostCredentials, log }, caller, by, body }) {
    // First, because it may fail: a host that cannot be told how to reach Temporal must not be registered.
    const credentials = await hostCredentials(body.host_id);
    const { host, created } = await store.hosts.register(body, isAdmin(caller), by);
    const { host_id, managed_agents } = host;
    log("info", created ? "host registered" : "host updated", { host_id, managed_agents });
    tellIssued(log, host_id, credentials);
    const target = { ...temporal, task_queue: hostQueue(host_id) };
    return {
      status: created ? 201 : 200,
      body: { host, temporal: target, ...credentials },
    };
  },
});

const heartbeat = route({
  id: "recordHeartbeat",
  summary: "Record a host's heartbeat",
  method: "POST",
  path: `${ORCHESTRATOR_API}/hosts/{host_id}/heartbeat`,
  who: "agent_or_admin",
  body: HeartbeatBodySchema,
  refuses: ["host_not_found", "host_owned_elsewhere", "company_key_missing"],
  answers: { 200: HeartbeatAnswerSchema },
  async answer({ needs: { store, clock, hostCredentials, log }, params: { host_id }, body }) {
    await store.hosts.heartbeat(host_id, body);
    const credentials = body.renew_certificate ? await hostCredentials(host_id) : {};
    tellIssued(log, host_id, credentials);
    return { status: 200, body: { server_time: clock.now().toISOString(), ...credentials } };
  },
});

const removeHost = route({
  id: "removeHost",
  summary: "Remove a host and keep its runs",
  method: "DELETE",
  path: `${ORCHESTRATOR_API}/hosts/{host_id}`,
  who: "admin",
  refuses: ["host_not_found", "host_has_active_runs", "host_has_jobs"],
  answers: { 204: null },
  async answer({ needs: { store, log }, by, params: { host_id } }) {
    await store.hosts.remove(host_id, by);
    log("info", "host removed", { host_id });
    return { status: 204 };
  },
});

export const HOST_ROUTES: readonly Route[] = [listHosts, getHost, register, heartbeat, removeHost];
