/** What `./dev demo --keep` prints: where things are, what to try, and how to end it. */

import type { Images } from "../build/disposable_images.ts";
import { DIST } from "../cli/paths.ts";
import type { Scene } from "../../tests/harness/scene/scene.ts";

export function keepNote({ plane, host, folder, temporal }: Scene, images: Images): string {
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
  docker image rm ${images.orchestratorImage} ${images.planeImage} ${images.agentImage}
  rm -r ${folder}`;
}
