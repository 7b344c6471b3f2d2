/** Measures the time that the socket proxy adds to a response of the engine, on an open connection. */

import { PROXY_PORT } from "../../../templates/stack.ts";
import { serviceContainer } from "../../../tests/harness/scene/host.ts";
import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { delay, waitFor } from "../../../tests/harness/time/wait.ts";
import { run } from "../../cli/run.ts";
import { type Figure, median } from "../figures.ts";

const SOCKET = "/var/run/docker.sock";
const TURNS = 10;
const REQUESTS_A_TURN = 100;
const SPACED_REQUESTS = 100;
/** Longer than the 40 ms for which a kernel may hold an acknowledgment back (Linux, TCP_DELACK_MIN). */
const PAUSE_MS = 50;

type Ask = () => Promise<void>;

/**
 * Inspects the agent image (an answer of 2 kB) alternately directly and through a proxy: first
 * without pauses, then with a pause before each request. The proxy is a copy of the host's, on a
 * network that this machine can reach.
 */
export async function measureProxy(scene: Scene, image: string): Promise<readonly Figure[]> {
  using direct = Deno.createHttpClient({ proxy: { transport: "unix", path: SOCKET } });
  await using proxy = await copiedProxy(scene);
  using proxied = Deno.createHttpClient({
    proxy: { transport: "tcp", hostname: proxy.address, port: PROXY_PORT },
  });
  const inspect = (client: Deno.HttpClient): Ask => () => ask(`/images/${image}/json`, client);
  const ways = [inspect(direct), inspect(proxied)] as const;
  await ways[0]();
  await waitFor(() => ways[1]().then(() => true, () => undefined), { what: "the proxy" });
  return [
    ...added("back to back", await backToBack(ways)),
    ...added("spaced", await spaced(ways)),
  ];
}

async function ask(path: string, client: Deno.HttpClient): Promise<void> {
  const response = await fetch(`http://engine${path}`, { client });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${text}`);
}

async function copiedProxy(
  scene: Scene,
): Promise<AsyncDisposable & { readonly address: string }> {
  const original = await serviceContainer(scene, "docker-socket-proxy");
  const { Env, Image, User, Cmd } = JSON.parse(await inspected(original, "{{json .Config}}"));
  const environment = (Env as string[]).flatMap((variable) => ["--env", variable]);
  const options = [...environment, "--user", User, "--volumes-from", original];
  const id = await run(["docker", "run", "--detach", ...options, Image, ...Cmd]);
  return {
    address: await inspected(id.trim(), "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"),
    async [Symbol.asyncDispose]() {
      await run(["docker", "rm", "--force", id.trim()]);
    },
  };
}

async function inspected(id: string, format: string): Promise<string> {
  return (await run(["docker", "inspect", "--format", format, id])).trim();
}

/** The samples of each way, in milliseconds. */
type Samples = readonly [number[], number[]];

async function backToBack(ways: readonly [Ask, Ask]): Promise<Samples> {
  const samples: Samples = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    for (const which of [0, 1] as const) {
      for (let request = 0; request < REQUESTS_A_TURN; request++) {
        samples[which].push(await timed(ways[which]));
      }
    }
  }
  return samples;
}

async function spaced(ways: readonly [Ask, Ask]): Promise<Samples> {
  const samples: Samples = [[], []];
  for (let request = 0; request < SPACED_REQUESTS; request++) {
    for (const which of [0, 1] as const) {
      await delay(PAUSE_MS).done;
      samples[which].push(await timed(ways[which]));
    }
  }
  return samples;
}

async function timed(ask: Ask): Promise<number> {
  const before = performance.now();
  await ask();
  return performance.now() - before;
}

function added(how: string, [direct, proxied]: Samples): readonly Figure[] {
  const [bare, through] = [median(direct), median(proxied)];
  const samples = proxied.length;
  return [
    {
      name: `a proxied request, ${how}, p50`,
      unit: "ms",
      value: through,
      baseline: bare,
      samples,
    },
    {
      name: `of it the proxy's part, ${how}`,
      unit: "ms",
      value: through - bare,
      limit: 5,
      aim: 0.8,
      samples,
    },
  ];
}
