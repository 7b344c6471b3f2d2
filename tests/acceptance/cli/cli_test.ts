/** The output of the compiled program for operators and scripts, without Docker and Bigeye. */

import assert from "node:assert/strict";
import { VERSION } from "../../../lib/version.ts";
import { acceptance } from "../support/acceptance.ts";
import { operator } from "../support/operator.ts";

/** All commands and groups; "" is the program itself. */
const COMMANDS = [
  "",
  "compose",
  "register",
  "sync",
  "serve",
  "socket-proxy",
  "compose up",
  "compose status",
  "compose logs",
  "compose upgrade",
  "compose down",
];

acceptance("--version prints one line", async (built) => {
  await using person = await operator(built);
  assert.deepEqual(await person.run(["--version"]), {
    code: 0,
    stdout: `${VERSION}\n`,
    stderr: "",
  });
});

acceptance("--help of every command shows examples, without escape codes", async (built) => {
  await using person = await operator(built);
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await person.run([...command.match(/\S+/g) ?? [], "--help"]);
    assert.deepEqual({ command, code, stderr }, { command, code: 0, stderr: "" });
    assert.match(stdout, new RegExp(`^USAGE\\n  bigeye-agent ${command}`));
    assert.match(
      stdout,
      new RegExp(`EXAMPLES\\n  bigeye-agent ${command}.*\\n  bigeye-agent ${command}`),
    );
    assert(!stdout.includes("\x1b"), `${command} --help colors a pipe`);
  }
});

acceptance(
  "without a terminal register names the flag and the variable of a missing value",
  async (built) => {
    await using person = await operator(built);
    assert.deepEqual(await person.run(["register"]), {
      code: 2,
      stdout: "",
      stderr: `error: Cannot ask for the host id: this is not a terminal
 hint: Give it with --host-id <id>, or set BIGEYE_HOST_ID
 code: answer_needed
`,
    });
  },
);

acceptance("with --json a failure is printed as JSON too", async (built) => {
  await using person = await operator(built);
  const { code, stdout, stderr } = await person.run(["register", "--json", "--host-id", "a_b"]);
  assert.deepEqual({ code, answer: JSON.parse(stdout) }, {
    code: 2,
    answer: {
      error: {
        code: "host_id_invalid",
        message: 'Cannot use host id "a_b": it must be 1 to 256 letters, digits or hyphens',
        hint: "Choose another one, as in --host-id prod-agent-01",
        exit: "usage",
        details: [],
      },
    },
  });
  assert.match(stderr, /^error: Cannot use host id "a_b"/);
});

acceptance("serve without a compose file ends with 6", async (built) => {
  await using person = await operator(built);
  const { code, stderr } = await person.run(["serve"]);
  assert.deepEqual({ code, stderr }, {
    code: 6,
    stderr:
      `error: Cannot start: the file "${person.folder}/docker-compose.bigeye.yml", which defines the security boundary, is missing
 hint: Type "bigeye-agent register" to write it
 code: boundary_missing
`,
  });
});

acceptance("Ctrl-C while register waits for Bigeye ends it with 130", async (built) => {
  await using person = await operator(built);
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked = silent.accept(); // accepted and never answered
  let isAsked = false;
  const connection = asked.then((conn) => (isAsked = true, conn));
  const { code, wrote } = await person.interrupt(["register", "--host-id", "h"], {
    env: {
      PATH: `${person.env["PATH"]}:/usr/bin:/bin`,
      BIGEYE_URL: `http://127.0.0.1:${silent.addr.port}`,
      BIGEYE_PERSONAL_API_KEY: "some-key",
      BIGEYE_AGENT_API_KEY: "another-key",
      NO_PROXY: "*",
    },
    probe: () => Promise.resolve(isAsked),
  });
  (await connection).close();
  assert.deepEqual({ code, last: wrote.trimEnd().split("\n").at(-1) }, {
    code: 130,
    last: "Stopped before the end",
  });
});
