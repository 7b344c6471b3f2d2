/** ./dev demo: sets everything up, registers a host and runs one job of each type. */

import type { Images } from "../build/images.ts";
import { runScenarios } from "../demo/scenarios.ts";
import { isAllExpected, resultTable } from "../demo/table.ts";
import { heedInterrupts, orInterrupted } from "../cli/interrupted.ts";
import { DIST } from "../cli/paths.ts";
import type { Scene } from "../../tests/harness/scene/scene.ts";
import { main } from "../cli/main.ts";
import { readOptions } from "../cli/options.ts";
import { openStage } from "../../tests/harness/scene/stage.ts";
import { print, tell } from "../cli/steps.ts";

await main(async () => {
  const { keep } = readOptions("demo", {
    keep: { type: "boolean", says: "leave everything running and print what to try" },
  });
  heedInterrupts();
  await using stage = await openStage();
  const { scene, images } = stage;
  const result = await orInterrupted(runScenarios(scene, (line) => tell(`         ${line}`)));

  print(`\n${resultTable(result)}\n`);
  if (keep) {
    stage.keep();
    print(keepNote(scene, images));
  }
  return isAllExpected(result) ? 0 : 1;
});

/** Says where everything is, what to try, and how to end it. */
function keepNote({ plane, host, folder, temporal }: Scene, images: Images): string {
  const agent = `${DIST}/bigeye-agent`;
  return `Everything is left running:
  control plane   ${plane.localUrl} (its pages: sign in with the key)
  admin's key     ${plane.adminKey}
  Temporal        ${temporal.address}
  host's folder   ${host.path}

Try:
  cd ${host.path}
  ${agent} compose status
  ${agent} compose logs -s bigeye-agent-orchestrator --tail 20
  curl -H 'Authorization: apikey ${plane.adminKey}' ${plane.localUrl}/api/v1/agent-orchestrator/runs

End it:
  (cd ${host.path} && ${agent} compose down)
  kill ${plane.process.pid} ${temporal.process.pid}
  docker image rm ${images.orchestrator} ${images.plane} ${images.agent}
  rm -r ${folder}`;
}
