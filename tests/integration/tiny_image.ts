/** An image in which a shell script stands for both services of the stack. */

import { importShellImage } from "./support/shell_image.ts";

/** Programs that the tests run inside. */
const PROGRAMS = ["bash", "cat", "sleep", "stat", "date", "id"];

/** The one binary's place: `--health` says yes, anything else waits for its end. */
const STAND_IN = `#!/bin/bash
[ "$2" = --health ] && exit 0
trap 'exit 0' TERM
echo "$1 started"
while :; do sleep 0.1; done
`;

/** Imports the image under this reference; the caller removes it. */
export function importTinyImage(reference: string): Promise<void> {
  return importShellImage(reference, {
    programs: PROGRAMS.map((name) => `/bin/${name}`),
    entryPoint: "/bigeye-agent",
    script: STAND_IN,
  });
}
