/** Measures memory and processor time of an idle host, and the size of the download. */

import { compressedSize } from "../../build/sizes.ts";
import { run } from "../../cli/run.ts";
import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { delay } from "../../../tests/harness/time/wait.ts";
import { type Figure, median } from "../figures.ts";
import { servicePid } from "../../../tests/harness/scene/host.ts";
import { cpuSeconds, residentMb } from "../proc.ts";

const IDLE_SECONDS = 60;
const VERSION_CALLS = 11;

/** Measures an idle minute. Run it before the load, after which memory stays higher. */
export async function measureIdle(scene: Scene): Promise<readonly Figure[]> {
  const serve = await servicePid(scene, "bigeye-agent-orchestrator");
  const proxy = await servicePid(scene, "docker-socket-proxy");
  const before = await cpuSeconds(serve);
  await delay(IDLE_SECONDS * 1000).done;
  const used = await cpuSeconds(serve) - before;
  return [
    {
      name: "serve, idle: resident memory",
      unit: "MB",
      value: await residentMb(serve),
      limit: 100,
      aim: 80,
    },
    {
      name: "socket-proxy, idle: resident memory",
      unit: "MB",
      value: await residentMb(proxy),
      limit: 60,
      aim: 50,
    },
    { name: "serve, idle: processor", unit: "%", value: 100 * used / IDLE_SECONDS, limit: 0.4 },
  ];
}

/** Measures the size of the one-file binary, plain and compressed, and its cold start. */
export async function measureBinary(binaries: string): Promise<readonly Figure[]> {
  const path = `${binaries}/bigeye-agent`;
  const { size } = await Deno.stat(path);
  const { by, bytes } = await compressedSize(path);
  const times: number[] = [];
  for (let call = 0; call < VERSION_CALLS; call++) {
    const before = performance.now();
    await run([path, "--version"]);
    times.push(performance.now() - before);
  }
  return [
    { name: "bigeye-agent, one file", unit: "MB", value: size / 1e6, limit: 112, aim: 100 },
    { name: `bigeye-agent, ${by}`, unit: "MB", value: bytes / 1e6, limit: 45 },
    {
      name: "bigeye-agent --version, p50",
      unit: "ms",
      value: median(times),
      limit: 120,
      samples: VERSION_CALLS,
    },
  ];
}
