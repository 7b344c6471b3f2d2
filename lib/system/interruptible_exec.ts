/** Child processes of an operator's command: Ctrl-C at a terminal reaches them as well. */

import { Interrupted } from "../async/abort.ts";
import type { Exec } from "../ports.ts";

/** 128 and the number of SIGINT, also where a child has handled the signal. */
const BY_SIGINT = 130;

/** The same programs; the end of one by SIGINT may be heard of before our own signal, and is no failure. */
export function interruptibleExec(exec: Exec): Exec {
  const heed = (code: number) => {
    if (code === BY_SIGINT) throw new Interrupted("SIGINT");
  };
  return {
    async run(argv, options) {
      const result = await exec.run(argv, options);
      heed(result.code);
      return result;
    },
    async attach(argv, options) {
      const code = await exec.attach(argv, options);
      heed(code);
      return code;
    },
  };
}
