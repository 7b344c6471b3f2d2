/**
 * A Bigeye that knows what Bigeye has published, and nothing else. It refuses unknown fields as a strict
 * proto3 reader does, leaves default values out, writes 64-bit integers as strings, and ignores headers that
 * it does not know. It imports nothing of the product, so that an error of the product is not repeated here.
 */

export interface PublishedOptions {
  /** Whether the second version of the public keys' paths exists; default true. */
  readonly hasSecondVersion?: boolean;
  /** PEM. */
  readonly publicKey: string;
}

interface Host {
  readonly id: string;
  readonly hostId: string;
  readonly orchestratorVersion: string;
  readonly managedAgents: readonly string[];
  readonly registeredAtEpochSeconds: string;
  readonly status: string;
}

export interface PublishedBigeye {
  readonly keys: { readonly admin: string; readonly member: string; readonly agent: string };
  readonly hosts: ReadonlyMap<string, Host>;
  /** Each call as `METHOD path status`, in order. */
  readonly calls: readonly string[];
  /** The company's public key, once it is set. */
  companyKey(): string | undefined;
  readonly answer: (request: Request) => Promise<Response>;
}

/** `ManagedAgentType`, without UNSPECIFIED, which a request must not send. */
const TYPES = [
  "MANAGED_AGENT_TYPE_DATA_SOURCE",
  "MANAGED_AGENT_TYPE_SENSITIVE_DATA",
  "MANAGED_AGENT_TYPE_CROSS_SOURCE",
  "MANAGED_AGENT_TYPE_LINEAGE_PLUS",
  "MANAGED_AGENT_TYPE_DATAHEALTH",
  "MANAGED_AGENT_TYPE_EXTERNAL_MONITORS",
];
const KEYS = { admin: "key-of-an-admin", member: "key-of-a-member", agent: "key-of-the-agents" };
const FIRST_ID = 6_148_914_691_236_517_205n;

export function publishedBigeye(
  { hasSecondVersion = true, publicKey }: PublishedOptions,
): PublishedBigeye {
  const hosts = new Map<string, Host>();
  const calls: string[] = [];
  let companyKey: string | undefined;

  function register(body: Readonly<Record<string, unknown>>): Response {
    const { hostId, orchestratorVersion = "", managedAgents = [] } = body;
    if (typeof hostId !== "string" || typeof orchestratorVersion !== "string") return refusal(400);
    if (!Array.isArray(managedAgents) || managedAgents.some((type) => !TYPES.includes(type))) {
      return refusal(400);
    }
    const id = hosts.get(hostId)?.id ?? String(FIRST_ID + BigInt(hosts.size));
    const host: Host = {
      id,
      hostId,
      orchestratorVersion,
      managedAgents,
      registeredAtEpochSeconds: "1767225600",
      status: "AGENT_ORCHESTRATOR_STATUS_REGISTERED",
    };
    hosts.set(hostId, host);
    return Response.json({ host: withoutDefaults(host) });
  }

  async function answered(request: Request): Promise<Response> {
    const { headers, method } = request;
    const { pathname: path } = new URL(request.url);
    for (const name of ["accept", "content-type"]) {
      if (headers.get(name) !== "application/json") return refusal(400);
    }
    const key = headers.get("authorization")?.replace(/^apikey /, "");
    const role = Object.entries(KEYS).find(([, known]) => known === key)?.[0];
    if (role === undefined) return refusal(401);
    const keys = hasSecondVersion ? /^\/api\/v[12]\/agent\// : /^\/api\/v1\/agent\//;
    const call = `${method} ${path.replace(keys, "/KEYS/")}`;
    const { fields, of } = CALLS[call] ?? {};
    if (fields === undefined || of === undefined) {
      return new Response("no such page", { status: 404 });
    }
    if (call.endsWith("/verify")) return of.includes(role) ? empty() : refusal(401);
    if (!of.includes(role)) return refusal(403);
    const body = fields.length === 0 ? {} : await request.json();
    if (Object.keys(body).some((name) => !fields.includes(name))) return refusal(400);
    switch (call) {
      case "GET /api/v1/agent-orchestrator/hosts":
        return Response.json(withoutDefaults({ hosts: [...hosts.values()].map(withoutDefaults) }));
      case "POST /api/v1/agent-orchestrator/register":
        return register(body);
      case "PUT /KEYS/public-key":
        companyKey = body.publicKey;
        return Response.json({});
      case "GET /KEYS/public-key/bigeye":
        return Response.json({ publicKey });
      default:
        return Response.json({});
    }
  }

  return {
    keys: KEYS,
    hosts,
    calls,
    companyKey: () => companyKey,
    async answer(request) {
      const response = await answered(request);
      calls.push(`${request.method} ${new URL(request.url).pathname} ${response.status}`);
      return response;
    },
  };
}

interface PublishedCall {
  /** The fields of its request. */
  readonly fields: readonly string[];
  /** Whose keys it takes. */
  readonly of: readonly string[];
}

/** The published calls. Registration takes an admin's key alone, which is the strictest reading. */
const CALLS: Readonly<Record<string, PublishedCall>> = {
  "GET /api/v1/personal-api-keys/verify": { fields: [], of: ["admin", "member"] },
  "GET /api/v1/agent-api-keys/verify": { fields: [], of: ["agent"] },
  "GET /api/v1/agent-api-keys": { fields: [], of: ["admin"] },
  "GET /api/v1/agent-orchestrator/hosts": { fields: [], of: ["admin", "member"] },
  "POST /api/v1/agent-orchestrator/register": {
    fields: ["hostId", "orchestratorVersion", "configHash", "managedAgents"],
    of: ["admin"],
  },
  "PUT /KEYS/public-key": { fields: ["publicKey"], of: ["admin"] },
  "GET /KEYS/public-key/bigeye": { fields: [], of: ["admin", "member", "agent"] },
};

const empty = (): Response => new Response(null, { status: 204 });

function refusal(status: number): Response {
  return Response.json({ code: "REFUSED", message: "refused", error: "", details: [] }, { status });
}

/** As proto3 JSON leaves them out: empty texts and lists. */
function withoutDefaults(message: object): object {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value.length > 0));
}
