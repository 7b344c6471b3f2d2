/** What the processes of a scene's compose stack cost. */

import { run } from "../cli/run.ts";
import type { Scene } from "../../tests/harness/scene/scene.ts";
import { type Service, serviceContainer } from "../../tests/harness/scene/service_container.ts";

export async function servicePid(scene: Scene, service: Service): Promise<number> {
  const id = await serviceContainer(scene, service);
  return Number(await run(["docker", "inspect", "--format", "{{.State.Pid}}", id]));
}

/** Resident memory of a process, in MB (10^6 bytes), from the kernel. */
export async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`Cannot read the resident memory of process ${pid}`);
  return Number(kib) * 1024 / 1e6;
}

/** Processor time that a process has used so far, in seconds (proc(5): utime and stime, in ticks). */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks / Number(await run(["getconf", "CLK_TCK"]));
}
