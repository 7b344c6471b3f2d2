/** An agent image whose arguments control it, like the containers of the fake Engine. It needs no registry. */

import "../../harness/time/keep_timers_firing.ts";
import { importShellImage } from "../support/shell_image.ts";

const AGENT = `#!/bin/bash
code=0
for word in "$@"; do
  case "$word" in
    says-*) echo "\${word#says-}" ;;
    complains-*) echo "\${word#complains-}" >&2 ;;
    counts-*) for ((i = 1; i <= \${word#counts-}; i++)); do echo "line $i"; sleep 0.02; done ;;
    waits) until [ -e /bigeye/run/go ]; do sleep 0.05; done ;;
    ignores-term) trap '' TERM ;;
    exit-*) code=\${word#exit-} ;;
    runs-*) seconds=\${word#runs-} ;;
    runs) seconds=600 ;;
    oom) text=$(printf '%4000000s' x); while :; do text=$text$text; done ;;
    half-fails) printf '{"connections":[%s,%s]}' \\
      '{"connector":"tableau","name":"sales","status":"failed","errors":["no route","no route"],"log":"/bigeye/run/logs/sales.log"}' \\
      '{"connector":"tableau","name":"hr","status":"succeeded"}' >/bigeye/run/result.json ;;
    pokes) echo forged 2>/dev/null >/bigeye/config/forged || echo "config is read-only" ;;
  esac
done
if [ -n "$seconds" ]; then sleep "$seconds" & wait $!; fi
exit "$code"
`;

/** Imports the image with this reference. The caller removes it. */
export function importAgentImage(reference: string): Promise<void> {
  return importShellImage(reference, {
    programs: ["/bin/bash", "/bin/sleep"],
    entryPoint: "/agent",
    script: AGENT,
  });
}
