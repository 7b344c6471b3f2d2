/** Registers acceptance tests, which use the compiled programs and images and are skipped without them. */

import "../../harness/time/keep_timers_firing.ts";
import type { Scene } from "../../harness/scene/scene.ts";

/** What was built for this test run. */
export interface Built {
  /** The Temporal command-line program. */
  readonly temporal: string;
  /** The base runtime under a compiled program. */
  readonly denort: string;
  /** The folder of the two compiled binaries. */
  readonly binaries: string;
  readonly orchestratorImage: string;
  readonly planeImage: string;
  readonly agentImage: string;
}

/** A registered host and its programs. Several parts of a test share one, because it takes half a minute. */
export interface HostStage {
  readonly built: Built;
  readonly scene: Scene;
}

const VARIABLES: Readonly<Record<keyof Built, string>> = {
  temporal: "BIGEYE_TEST_TEMPORAL",
  denort: "BIGEYE_TEST_DENORT",
  binaries: "BIGEYE_TEST_BINARIES",
  orchestratorImage: "BIGEYE_TEST_ORCHESTRATOR_IMAGE",
  planeImage: "BIGEYE_TEST_PLANE_IMAGE",
  agentImage: "BIGEYE_TEST_AGENT_IMAGE",
};

export interface AcceptanceOptions {
  /** Why the test cannot run, if something else than the programs is missing. */
  readonly missing?: string;
  /** Whether the test runs Temporal's workers, whose threads and callbacks outlive it. */
  readonly native?: boolean;
}

/** Registers a test, skipped with the reason if something is missing. */
export function acceptance(
  name: string,
  fn: (built: Built, t: Deno.TestContext) => Promise<void>,
  { missing = "", native = false }: AcceptanceOptions = {},
): void {
  const unset = Object.values(VARIABLES).filter((variable) => !Deno.env.get(variable));
  const reason = unset.length > 0 ? `run ./dev test, which sets ${unset.join(", ")}` : missing;
  if (reason !== "") {
    return Deno.test({ name: `${name} (skipped: ${reason})`, ignore: true, fn() {} });
  }
  const value = (key: keyof Built) => Deno.env.get(VARIABLES[key]) ?? "";
  const leaks = native ? { sanitizeOps: false, sanitizeResources: false } : {};
  Deno.test(name, leaks, (t) =>
    fn({
      temporal: value("temporal"),
      denort: value("denort"),
      binaries: value("binaries"),
      orchestratorImage: value("orchestratorImage"),
      planeImage: value("planeImage"),
      agentImage: value("agentImage"),
    }, t));
}
