/** What `register` refuses of the files that people write, before anything is changed. */

import { latin1 } from "../fakes/latin1.ts";
import { FOLDER } from "../fakes/world.ts";
import { CONFIG, LINE, type Refusal, testRefusals } from "./refusals.ts";

const REFUSALS: Readonly<Record<string, Refusal>> = {
  "a file that is not UTF-8": {
    texts: { [CONFIG]: latin1("bigeye: {}\nlineage:\n  password: gr\xfcn\n") },
    exit: 3,
    noted: [
      `Cannot read "${CONFIG}": line 3 is not UTF-8`,
      `Open "${CONFIG}", save it as UTF-8, and run the same command again`,
    ],
  },
  "a key file that is not UTF-8": {
    line: `${LINE} --agent-key-file agent.key`,
    texts: { [`${FOLDER}/agent.key`]: latin1("bigeye_agent_\xfc\n") },
    exit: 3,
    noted: [
      `Cannot read "${FOLDER}/agent.key": line 1 is not UTF-8`,
      `Open "${FOLDER}/agent.key", save it as UTF-8, and run the same command again`,
    ],
  },
  "a custom CA that is not UTF-8": {
    line: `${LINE} --ca-file ca.pem`,
    texts: { [`${FOLDER}/ca.pem`]: latin1("subject=O = M\xfcller\n-----BEGIN CERTIFICATE-----\n") },
    exit: 3,
    noted: [
      `Cannot read "${FOLDER}/ca.pem": line 1 is not UTF-8`,
      `Open "${FOLDER}/ca.pem", save it as UTF-8, and run the same command again`,
    ],
  },
};

testRefusals(REFUSALS);
