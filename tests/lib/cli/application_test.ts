/** The output and the exit code of command lines. */

import assert from "node:assert/strict";
import { buildRouteMap } from "@stricli/core";
import { runCli } from "../../../lib/cli/application.ts";
import { command } from "../../../lib/cli/command.ts";
import { Interrupted } from "../../../lib/async/abort.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { capturedTerminal } from "../../fakes/cli/terminal.ts";

const conflict = new Problem({
  code: "host_id_taken",
  message: 'Cannot register host "prod"',
  hint: "Choose another --host-id",
  exit: "conflict",
  details: [{ message: "one line" }, { path: "a.b", message: "another" }],
});

interface Flags {
  readonly hostId?: string;
  readonly json: boolean;
}

/** A program with one command, which calls `act` and prints its flag. */
function programOf(act: (stop: AbortSignal) => void | Promise<void>) {
  type Tools = Parameters<typeof runCli>[2];
  const join = command<Flags, Tools>({
    brief: "Join a host",
    examples: ["toy join --host-id a", "toy join --json"],
    flags: {
      hostId: {
        kind: "parsed",
        brief: "Id of the host",
        optional: true,
        parse: (text) => {
          if (text === "taken") throw conflict;
          return text;
        },
      },
      json: { kind: "boolean", brief: "Print JSON", default: false, withNegated: false },
    },
    load: () =>
      Promise.resolve(async ({ hostId }: Flags, { terminal, stop }: Tools) => {
        await act(stop);
        terminal.say(`host ${hostId}`);
      }),
  });
  const routes = buildRouteMap({ routes: { join }, docs: { brief: "A toy" } });
  return { name: "toy", version: "1.2.3", routes };
}

async function outcomeOf(
  argv: readonly string[],
  act: (stop: AbortSignal) => void | Promise<void> = () => {},
  stop: AbortSignal = new AbortController().signal,
) {
  const terminal = capturedTerminal();
  const code = await runCli(programOf(act), argv, { terminal, stop });
  return { code, said: terminal.said, noted: terminal.noted };
}

Deno.test("a command's result goes to stdout and the code is 0", async () => {
  assert.deepEqual(await outcomeOf(["join", "--host-id", "a"]), {
    code: 0,
    said: ["host a"],
    noted: [],
  });
});

Deno.test("a Problem is printed on stderr with its details, its hint and its code", async () => {
  const fail = () => {
    throw conflict;
  };
  assert.deepEqual(await outcomeOf(["join"], fail), {
    code: 5,
    said: [],
    noted: [
      'error: Cannot register host "prod"',
      "       one line",
      "       a.b: another",
      " hint: Choose another --host-id",
      " code: host_id_taken",
    ],
  });
});

Deno.test("with --json a Problem is also one JSON document on stdout", async () => {
  const { code, said } = await outcomeOf(["join", "--json"], () => {
    throw conflict;
  });
  assert.equal(code, 5);
  assert.deepEqual(JSON.parse(said.join("\n")), {
    error: {
      code: "host_id_taken",
      message: 'Cannot register host "prod"',
      hint: "Choose another --host-id",
      exit: "conflict",
      details: [{ message: "one line" }, { path: "a.b", message: "another" }],
    },
  });
});

Deno.test("a bug is one line and a hint to report it; --debug adds the stack", async () => {
  const fail = () => {
    throw new TypeError("x is not a function");
  };
  assert.deepEqual(await outcomeOf(["join"], fail), {
    code: 1,
    said: [],
    noted: [
      "error: Unexpected failure in toy 1.2.3: x is not a function",
      " hint: Run it again with --debug and report what it prints",
    ],
  });
  const { noted } = await outcomeOf(["join", "--debug"], fail);
  assert.match(noted.join("\n"), /TypeError: x is not a function\n\s+at /);
});

Deno.test("a pipe that its reader closes early is not an error", async () => {
  const leave = () => {
    throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  };
  assert.deepEqual(await outcomeOf(["join"], leave), { code: 0, said: [], noted: [] });
});

Deno.test("a mistyped command is refused with a near miss", async () => {
  assert.deepEqual(await outcomeOf(["jion"]), {
    code: 2,
    said: [],
    noted: [
      'error: Cannot find a command called "jion"',
      ' hint: Did you mean "toy join"? Type "toy --help" for the list',
      " code: unknown_command",
    ],
  });
});

Deno.test("a mistyped flag is refused with a near miss", async () => {
  assert.deepEqual(await outcomeOf(["join", "--hots-id", "a"]), {
    code: 2,
    said: [],
    noted: [
      'error: Cannot run "toy join": it has no flag --hots-id',
      ' hint: Did you mean --host-id? Type "toy join --help" for its flags',
      " code: wrong_flags",
    ],
  });
});

Deno.test("the error names the argument that does not fit the command", async () => {
  for (
    const [typed, fault] of [
      [["--host-id"], "--host-id needs a value"],
      [["--host-id", "a", "--host-id", "b"], "--host-id may be given only once"],
      [["--json=maybe"], '--json does not accept "maybe"'],
      [["-x"], "it has no flag -x"],
      [["extra"], 'it takes no argument "extra"'],
    ] as const
  ) {
    assert.deepEqual(await outcomeOf(["join", ...typed]), {
      code: 2,
      said: [],
      noted: [
        `error: Cannot run "toy join": ${fault}`,
        ' hint: Type "toy join --help" for its flags',
        " code: wrong_flags",
      ],
    });
  }
});

Deno.test("a flag's parser may refuse its value with its own Problem", async () => {
  const { code, noted } = await outcomeOf(["join", "--host-id", "taken"]);
  assert.deepEqual([code, noted[0]], [5, 'error: Cannot register host "prod"']);
});

Deno.test("an interrupted command ends with 130", async () => {
  const controller = new AbortController();
  const wait = (stop: AbortSignal) => {
    controller.abort(new Interrupted("SIGINT"));
    stop.throwIfAborted();
  };
  assert.deepEqual(await outcomeOf(["join"], wait, controller.signal), {
    code: 130,
    said: [],
    noted: ["Stopped before the end"],
  });
});

Deno.test("--version and --help are results without escape codes", async () => {
  assert.deepEqual(await outcomeOf(["--version"]), { code: 0, said: ["1.2.3"], noted: [] });
  const help = await outcomeOf(["join", "--help"]);
  assert.equal(help.code, 0);
  assert.deepEqual(help.said, [
    "USAGE",
    "  toy join [--host-id value] [--json]",
    "  toy join --help",
    "  toy join --debug",
    "",
    "Join a host.",
    "",
    "EXAMPLES",
    "  toy join --host-id a",
    "  toy join --json",
    "",
    "FLAGS",
    "     [--host-id]  Id of the host",
    "     [--json]     Print JSON                               [default = false]",
    "  -h  --help      Print help information and exit",
    "      --debug     Print the stack of an unexpected failure",
  ]);
});
