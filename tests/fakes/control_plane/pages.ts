/** The pages with a store in memory, and a small browser with cookies, forms and redirects. */

import { newApiKey } from "../../../control_plane/http/authentication.ts";
import { createPages } from "../../../control_plane/pages/mod.tsx";
import { MACHINE, type Store } from "../../../control_plane/store/mod.ts";
import type { Job, JobBody } from "../../../lib/contract/job.ts";
import type { LogLevel } from "../../../lib/ports.ts";
import { testStore } from "../../harness/databases/test_store.ts";
import { type ManualClock, manualClock } from "../system/clock.ts";
import { LINEAGE_JOB } from "./plane.ts";
import { INSTALLATION } from "./registration.ts";

export const ORIGIN = "https://bigeye.test";

export interface Shown {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The Location header. */
  readonly location: string | null;
}

export interface Browser {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Shown>;
  /** Sends the fields with the token of the last page, unless the fields contain a token. */
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Shown>;
  signIn(key: string): Promise<Shown>;
  /** The Cookie header that the browser sends. */
  cookie: string;
}

export interface TestPages extends AsyncDisposable {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly keys: Readonly<Record<"admin" | "member" | "agent", string>>;
  readonly complaints: readonly string[];
  /** Number of times that the dispatcher was woken. */
  wakes(): number;
  fetch(request: Request, from?: string): Promise<Response>;
  browser(from?: string): Browser;
  /** Returns a browser that has signed in. */
  signedIn(as: "admin" | "member"): Promise<Browser>;
  addHost(hostId: string, managed_agents?: ("lineage" | "datahealth" | "source")[]): Promise<void>;
  addJob(fields?: Partial<JobBody>): Promise<Job>;
}

const WORRYING: ReadonlySet<LogLevel> = new Set<LogLevel>(["warn", "error"]);

export async function testPages(): Promise<TestPages> {
  const clock = manualClock();
  const store = await testStore(clock);
  const keys = await keysOf(store);
  const complaints: string[] = [];
  let wakes = 0;
  const app = createPages({
    store,
    clock,
    log: (level, message) => void (WORRYING.has(level) && complaints.push(`${level} ${message}`)),
    dispatch: { wake: () => void wakes++ },
  });
  const fetch = async (request: Request, remoteAddress = "192.0.2.7") =>
    await app.fetch(request, { remoteAddress });

  function browser(from?: string): Browser {
    let token = "";
    const own: Browser = {
      cookie: "",
      get: (path, headers = {}) => sent(path, { headers: { ...headers, cookie: own.cookie } }),
      post: (path, fields, headers = {}) =>
        sent(path, {
          method: "POST",
          body: new URLSearchParams({ _token: token, ...fields }),
          headers: { origin: ORIGIN, ...headers, cookie: own.cookie },
        }),
      signIn: (key) => own.post("/sign-in", { key }),
    };

    async function sent(path: string, init: RequestInit): Promise<Shown> {
      const answer = await fetch(new Request(`${ORIGIN}${path}`, init), from);
      const text = await answer.text();
      const [pair] = answer.headers.get("set-cookie")?.split(";") ?? [];
      if (pair !== undefined) own.cookie = pair;
      token = /name="_token" value="([^"]+)"/.exec(text)?.[1] ?? token;
      const { status, headers } = answer;
      return { status, text, headers, location: headers.get("location") };
    }
    return own;
  }

  return {
    store,
    clock,
    keys,
    complaints,
    wakes: () => wakes,
    fetch,
    browser,
    async signedIn(as) {
      const own = browser();
      await own.signIn(keys[as]);
      await own.get("/settings/agents/runs");
      return own;
    },
    async addHost(host_id, managed_agents = ["lineage", "datahealth"]) {
      const body = { host_id, installation_id: INSTALLATION, managed_agents, version: "1.0.0" };
      await store.hosts.register({ ...body, replace: false }, true, MACHINE);
    },
    addJob: (fields = {}) =>
      store.jobs.create({ ...LINEAGE_JOB, schedule: null, ...fields } as JobBody, MACHINE),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function keysOf({ users, keys }: Store): Promise<TestPages["keys"]> {
  const [admin, member, agent] = [
    newApiKey("personal"),
    newApiKey("personal"),
    newApiKey("agent"),
  ];
  await users.add({ name: "Ada", role: "admin", keyHash: admin.hash }, MACHINE);
  await users.add({ name: "Max", role: "member", keyHash: member.hash }, MACHINE);
  await keys.add({ kind: "agent", name: "a", description: "", hash: agent.hash }, MACHINE);
  return { admin: admin.key.reveal(), member: member.key.reveal(), agent: agent.key.reveal() };
}
