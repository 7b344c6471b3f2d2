/** An image in which a shell script replaces both services of the stack. */

import { importShellImage } from "../support/shell_image.ts";

/** The programs that the tests run in a container. */
const PROGRAMS = ["bash", "cat", "sleep", "stat", "date", "id"];

/** Replaces the binary: `--health` succeeds, and anything else waits for SIGTERM. */
const STAND_IN = `#!/bin/bash
[ "$2" = --health ] && exit 0
trap 'exit 0' TERM
echo "$1 started"
while :; do sleep 0.1; done
`;

/** Imports the image with this reference. The caller removes it. */
export function importTinyImage(reference: string): Promise<void> {
  return importShellImage(reference, {
    programs: PROGRAMS.map((name) => `/bin/${name}`),
    entryPoint: "/bigeye-agent",
    script: STAND_IN,
  });
}
