/** The examples of the OpenAPI document, which belong together as one account's day. */

const JOB_ID = "5f0c9b1e-6c2d-4a53-9d7c-0b8f6f3f2a11";
const RUN_ID = "c1b7a4de-94a7-4a0e-8f57-3a3a1c7c9d20";
const HOST_ID = "warehouse-1";
const INSTALLATION_ID = "0a3d6f0e-1f0b-4c55-8a3a-5d1f6f2b7c88";

const definition = {
  name: "Nightly lineage",
  host_id: HOST_ID,
  agent_type: "lineage",
  parameters: { connectors: ["snowflake"], connection_name: "finance" },
};

export const RUN = {
  id: RUN_ID,
  job_id: JOB_ID,
  job_name: definition.name,
  host_id: HOST_ID,
  agent_type: definition.agent_type,
  parameters: definition.parameters,
  run_limit_seconds: 14_400,
  trigger: "manual",
  scheduled_for: null,
  status: "running",
  reason: null,
  message: null,
  exit_code: null,
  connections: [],
  phases: [
    { phase: "accepted", at: "2026-01-15T13:00:01.000Z" },
    { phase: "running", at: "2026-01-15T13:00:04.000Z" },
  ],
  created_at: "2026-01-15T13:00:00.000Z",
  started_at: "2026-01-15T13:00:04.000Z",
  ended_at: null,
  cancel_requested_at: null,
};

export const JOB = {
  id: JOB_ID,
  ...definition,
  run_limit_seconds: 14_400,
  schedule: { cron: "0 1 * * *", time_zone: "Etc/UTC", paused: false, catch_up_seconds: 3_600 },
  next_fire_times: ["2026-01-16T01:00:00.000Z", "2026-01-17T01:00:00.000Z"],
  version: 3,
  created_at: "2026-01-10T09:30:00.000Z",
  updated_at: "2026-01-12T16:05:00.000Z",
  last_run: { id: RUN_ID, status: RUN.status, created_at: RUN.created_at },
};

export const HOST = {
  hostId: HOST_ID,
  orchestratorVersion: "0.1.0",
  registeredAtEpochSeconds: "1768035600",
  managedAgents: ["MANAGED_AGENT_TYPE_DATAHEALTH", "MANAGED_AGENT_TYPE_LINEAGE_PLUS"],
  status: "AGENT_ORCHESTRATOR_STATUS_ONLINE",
  lastHeartbeatAtEpochSeconds: "1768482010",
  installationId: INSTALLATION_ID,
  state: "online",
  engineVersion: "28.3.2",
  report: {
    activeRuns: [RUN_ID],
    diskFreeBytes: 52_613_349_376,
    clockSkewMs: 1_000,
    complaint: {
      at: "2026-01-15T12:40:00.000Z",
      message: "temporal is not reachable, retrying: connection refused",
    },
  },
};

export const NEW_JOB = definition;
export const JOB_CHANGE = { run_limit_seconds: 7_200 };
export const REGISTRATION = {
  hostId: HOST_ID,
  orchestratorVersion: HOST.orchestratorVersion,
  managedAgents: HOST.managedAgents,
};
export const REGISTERED = {
  host: HOST,
  temporal: {
    address: "temporal.example.com:7233",
    namespace: "default",
    taskQueue: `bigeye-agent-host-${HOST_ID}`,
  },
  takesReports: true,
};
export const HEARTBEAT = {
  hostId: HOST_ID,
  orchestratorVersion: HOST.orchestratorVersion,
  engineVersion: HOST.engineVersion,
  report: HOST.report,
};
export const HEARTBEAT_ANSWER = { serverTime: "2026-01-15T13:00:10.000Z" };

export const JOB_PAGE = {
  jobs: [JOB],
  paginationInfo: { nextCursor: "WyJqb2JzIixbIk5pZ2h0bHkgbGluZWFnZSIsIjVmMGMiXV0" },
};
export const RUN_PAGE = { runs: [RUN], paginationInfo: {} };
export const HISTORY_PAGE = {
  entries: [
    { kind: "run", at: RUN.created_at, run: RUN },
    {
      kind: "skip",
      at: "2026-01-15T01:00:00.500Z",
      skip: {
        fire_time: "2026-01-15T01:00:00.000Z",
        reason: "run_active",
        message: "The run before was still active",
        active_run_id: "9b7c1f5e-0c1a-4e53-b0a4-6f1f6f9a1b77",
      },
    },
  ],
  paginationInfo: {},
};
export const HOST_PAGE = { hosts: [HOST] };

const KEY_ID = "8d0d3c0b-5a35-4b0e-9c57-2f0d8f6c1e42";
const KEY_TYPE = "AGENT_API_KEY_TYPE_AGENT";
export const NEW_KEY = { name: "Hosts in Frankfurt", description: "Read by all hosts" };
export const CREATED_KEY = {
  apiKey: "bigeye_aak_…",
  info: { id: KEY_ID, name: NEW_KEY.name, type: KEY_TYPE },
};
export const KEY_LIST = {
  keys: [{
    id: KEY_ID,
    ...NEW_KEY,
    type: KEY_TYPE,
    createdAt: "2026-01-10T09:00:00.000Z",
    lastUsedAt: "2026-01-15T13:00:10.000Z",
    lastUsedIp: "192.0.2.7",
  }],
};

export const ME = { id: "41a1c3b2-0b0d-4c9e-9a55-7c3f5a2d9e10", name: "Ada", role: "admin" };
export const USER = { ...ME, createdAt: "2026-01-09T08:00:00.000Z" };
export const USER_LIST = { users: [USER] };
export const NEW_USER = { name: "Max", role: "member" };
export const USER_CHANGE = { role: "admin" };
export const CREATED_USER = { user: { ...USER, ...NEW_USER }, apiKey: "bigeye_pak_…" };
export const NEW_PERSONAL_KEY = { name: "Airflow", description: "" };
export const CREATED_PERSONAL_KEY = {
  apiKey: "bigeye_pak_…",
  info: { id: KEY_ID, name: NEW_PERSONAL_KEY.name },
};
export const PERSONAL_KEY_LIST = {
  keys: [{
    id: KEY_ID,
    ...NEW_PERSONAL_KEY,
    createdAt: USER.createdAt,
    lastUsedAt: null,
    lastUsedIp: null,
  }],
};
export const AUDIT_PAGE = {
  entries: [{
    id: "f0b5f9f6-2f0d-4a57-8a0c-66a1d5ad1b1f",
    at: RUN.created_at,
    actor: { name: ME.name, user_id: ME.id, key_id: KEY_ID, from: "192.0.2.7" },
    action: "run.trigger",
    target: { kind: "run", id: RUN_ID, name: definition.name },
    details: { job_id: JOB_ID, host_id: HOST_ID },
  }],
  paginationInfo: {},
};

export const PUBLIC_KEY = {
  publicKey:
    "-----BEGIN PUBLIC KEY-----\nMIICIjANBgkqhkiG9w0BAQEFAAOCAg8A…\n-----END PUBLIC KEY-----\n",
};

const REFUSED = `Cannot trigger job "${definition.name}": its run "${RUN_ID}" is still active`;
export const ERROR = {
  code: "run_already_active",
  message: REFUSED,
  error: REFUSED,
  details: [
    { path: "run_id", message: RUN_ID },
    {
      message: `Wait for it to end, or POST /api/v1/agent-orchestrator/runs/${RUN_ID}/cancel first`,
    },
  ],
};
