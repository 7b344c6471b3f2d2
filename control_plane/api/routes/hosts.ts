/** Hosts: the list, registration, heartbeats. */

import * as v from "valibot";
import {
  type Host,
  type HostCredentials,
  InstallationIdSchema,
  NO_INSTALLATION,
} from "../../../lib/contract/host.ts";
import {
  HeartbeatRequestSchema,
  HeartbeatResponseSchema,
  HostListMessageSchema,
  hostMessage,
  HostMessageSchema,
  managedAgentOf,
  RegisterRequestSchema,
  RegisterResponseSchema,
} from "../../../lib/contract/messages/hosts.ts";
import { paginationInfo } from "../../../lib/contract/messages/pagination.ts";
import { ORCHESTRATOR_API } from "../../../lib/contract/rest.ts";
import { hostQueue } from "../../../lib/contract/temporal_names.ts";
import { HEADERS, HEARTBEAT_PATH } from "../../../lib/contract/unpublished.ts";
import type { Log } from "../../../lib/ports.ts";
import { inputInvalid } from "../../../lib/problems/rest.ts";
import { LARGEST_PAGE, pageQuery, requestedPage } from "../../http/queries.ts";
import type { HostStore } from "../../store/mod.ts";
import { type Route, route } from "../route.ts";
import { isAdmin } from "../../http/authentication.ts";

const INSTALLATION_MEANS = "The UUID of the host folder, which owns the host id";
const REPLACE_MEANS =
  "With true the id is taken over from another installation; it needs an admin's key";

function tellIssued(log: Log, host_id: string, { clientCertificate }: HostCredentials): void {
  if (clientCertificate !== undefined) log("info", "certificate issued", { host_id });
}

/** Returns the installation that the header names. @throws `invalid_input` if it is no UUID. */
function installationIn(header: (name: string) => string | undefined): string | undefined {
  const named = header(HEADERS.installation);
  if (named === undefined || v.is(InstallationIdSchema, named)) return named;
  throw inputInvalid([{ path: HEADERS.installation, message: "must be a UUID" }]);
}

/** Bigeye's own client takes all hosts at once. */
async function allHosts(store: Pick<HostStore, "list">): Promise<readonly Host[]> {
  const limit = LARGEST_PAGE;
  let page = await store.list({ limit });
  const found = [...page.hosts];
  while (page.next_cursor !== null) {
    page = await store.list({ limit, cursor: page.next_cursor });
    found.push(...page.hosts);
  }
  return found;
}

const listHosts = route({
  id: "listHosts",
  summary: "List hosts",
  method: "GET",
  path: `${ORCHESTRATOR_API}/hosts`,
  who: "personal",
  query: v.strictObject(pageQuery),
  answers: { 200: HostListMessageSchema },
  async answer({ needs: { store: { hosts } }, query: { pageSize, pageCursor } }) {
    if (pageSize === undefined && pageCursor === undefined) {
      return { status: 200, body: { hosts: (await allHosts(hosts)).map(hostMessage) } };
    }
    const page = await hosts.list(requestedPage({ pageSize, pageCursor }));
    return {
      status: 200,
      body: {
        hosts: page.hosts.map(hostMessage),
        paginationInfo: paginationInfo(page.next_cursor),
      },
    };
  },
});

const getHost = route({
  id: "getHost",
  summary: "Show a host",
  method: "GET",
  path: `${ORCHESTRATOR_API}/hosts/{host_id}`,
  who: "personal",
  refuses: ["host_not_found"],
  answers: { 200: HostMessageSchema },
  async answer({ needs, params }) {
    return { status: 200, body: hostMessage(await needs.store.hosts.get(params.host_id)) };
  },
});

const register = route({
  id: "registerHost",
  summary: "Register a host",
  method: "POST",
  path: `${ORCHESTRATOR_API}/register`,
  who: "agent_or_admin",
  body: RegisterRequestSchema,
  headers: {
    [HEADERS.installation]: INSTALLATION_MEANS,
    [HEADERS.replace]: REPLACE_MEANS,
  },
  refuses: ["host_already_registered", "host_has_active_runs", "company_key_missing"],
  answers: { 200: RegisterResponseSchema },
  async answer({ needs: { store, temporal, hostCredentials, log }, caller, by, body, header }) {
    const claim = {
      host_id: body.hostId,
      installation_id: installationIn(header),
      managed_agents: body.managedAgents.map(managedAgentOf),
      version: body.orchestratorVersion,
      replace: header(HEADERS.replace) === "true",
    };
    // First, because it may fail: a host that cannot be told how to reach Temporal must not be registered.
    const credentials = await hostCredentials(claim.host_id);
    const { host, created } = await store.hosts.register(claim, isAdmin(caller), by);
    const { host_id, managed_agents } = host;
    log("info", created ? "host registered" : "host updated", { host_id, managed_agents });
    tellIssued(log, host_id, credentials);
    const target = { ...temporal, taskQueue: hostQueue(host_id) };
    return {
      status: 200,
      body: { host: hostMessage(host), temporal: target, ...credentials, takesReports: true },
    };
  },
});

const heartbeat = route({
  id: "recordHeartbeat",
  summary: "Record a host's heartbeat",
  method: "POST",
  path: HEARTBEAT_PATH,
  who: "agent_or_admin",
  body: HeartbeatRequestSchema,
  headers: { [HEADERS.installation]: INSTALLATION_MEANS },
  refuses: ["host_not_found", "host_owned_elsewhere", "company_key_missing"],
  answers: { 200: HeartbeatResponseSchema },
  async answer({ needs: { store, clock, hostCredentials, log }, body, header }) {
    const { hostId, orchestratorVersion, engineVersion, report, renewCertificate } = body;
    await store.hosts.heartbeat(hostId, {
      installation_id: installationIn(header) ?? NO_INSTALLATION,
      version: orchestratorVersion,
      engine: engineVersion,
      report: report ?? { activeRuns: [] },
    });
    const credentials = renewCertificate ? await hostCredentials(hostId) : {};
    tellIssued(log, hostId, credentials);
    return { status: 200, body: { serverTime: clock.now().toISOString(), ...credentials } };
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
