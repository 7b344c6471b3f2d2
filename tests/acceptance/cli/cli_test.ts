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

acceptance("a mistyped command or flag ends with 2 and suggests the right one", async (built) => {
  await using person = await operator(built);
  const mistakes = [
    {
      typed: ["registre"],
      stderr: `error: Cannot find a command called "registre"
 hint: Did you mean "bigeye-agent register"? Type "bigeye-agent --help" for the list
 code: unknown_command
`,
    },
    {
      typed: ["compose", "stauts"],
      stderr: `error: Cannot find a command called "stauts"
 hint: Did you mean "bigeye-agent compose status"? Type "bigeye-agent compose --help" for the list
 code: unknown_command
`,
    },
    {
      typed: ["register", "--host-di", "x"],
      stderr: `error: Cannot run "bigeye-agent register": it has no flag --host-di
 hint: Did you mean --host-id? Type "bigeye-agent register --help" for its flags
 code: wrong_flags
`,
    },
    {
      typed: ["serve", "--zzzzzz"],
      stderr: `error: Cannot run "bigeye-agent serve": it has no flag --zzzzzz
 hint: Type "bigeye-agent serve --help" for its flags
 code: wrong_flags
`,
    },
  ];
  for (const { typed, stderr } of mistakes) {
    assert.deepEqual(await person.run(typed), { code: 2, stdout: "", stderr });
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
    const noAddress = await person.run(["register", "--host-id", "h"]);
    assert.deepEqual({ code: noAddress.code, error: noAddress.stderr.split("\n").slice(-4) }, {
      code: 2,
      error: [
        "error: Cannot ask for the address of Bigeye: this is not a terminal",
        " hint: Give it with --bigeye-url <url, as in https://app.bigeye.com>, or set BIGEYE_URL",
        " code: answer_needed",
        "",
      ],
    });
    const address = { BIGEYE_URL: "https://app.bigeye.com" };
    const noKey = await person.run(["register", "--host-id", "h"], address);
    assert.deepEqual({ code: noKey.code, error: noKey.stderr.split("\n").slice(-4) }, {
      code: 2,
      error: [
        "error: Cannot ask for the Personal API Key of an admin: this is not a terminal",
        " hint: Give it with --personal-key-file <path, or - for standard input>, or set BIGEYE_PERSONAL_API_KEY",
        " code: answer_needed",
        "",
      ],
    });
    const noAgentKey = await person.run(["register", "--host-id", "h"], {
      ...address,
      BIGEYE_PERSONAL_API_KEY: "some-key",
    });
    assert.equal(noAgentKey.code, 2);
    assert.match(noAgentKey.stderr, /--agent-key-file <path, or - .*set BIGEYE_AGENT_API_KEY/);
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

acceptance("compose commands end with 3 when Docker Compose mode is not enabled", async (built) => {
  await using person = await operator(built);
  await person.write("bigeye_agent.yml", "bigeye:\n  url: http://127.0.0.1:9\n");
  for (const verb of ["up", "status", "logs", "upgrade", "down"]) {
    assert.deepEqual(await person.run(["compose", verb]), {
      code: 3,
      stdout: "",
      stderr: `error: Docker Compose mode is not enabled
 hint: Run "bigeye-agent register" again: it sets docker_compose_enabled to true
 code: compose_not_enabled
`,
    });
  }
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
