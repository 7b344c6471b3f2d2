/** Every command that starts the stack waits until it is healthy, and reports why if it does not become so. */

import assert from "node:assert/strict";
import { Interrupted } from "../../../lib/async/abort.ts";
import { makeWorld, type RunOptions, type World } from "../world.ts";

const REGISTER = "bigeye-agent register --host-id prod-1";
const CHECK = "compose ps";

interface Watched {
  readonly world: World;
  readonly options: RunOptions;
  /** Called before each check of the services, with the number of the check. */
  onCheck: (check: number) => void;
}

async function registered(): Promise<Watched> {
  let checks = 0;
  const watched = { onCheck: (_check: number) => {} };
  const world = await makeWorld({
    before: (effect) => {
      if (effect.startsWith(CHECK)) watched.onCheck(++checks);
    },
  });
  const { keys } = world.plane;
  const options = {
    env: {
      BIGEYE_URL: "https://bigeye.test",
      BIGEYE_PERSONAL_API_KEY: keys.admin,
      BIGEYE_AGENT_API_KEY: keys.agent,
    },
  };
  assert.equal((await world.run(REGISTER, options)).code, 0);
  checks = 0;
  return Object.assign(watched, { world, options });
}

/** Docker's list of services while the orchestrator is in this state. */
function listed(State: string, Health: string, Status: string): { readonly stdout: string } {
  const proxy = {
    Service: "docker-socket-proxy",
    State: "running",
    Health: "healthy",
    Status: "Up",
  };
  const orchestrator = { Service: "bigeye-agent-orchestrator", State, Health, Status };
  return { stdout: [proxy, orchestrator].map((row) => JSON.stringify(row)).join("\n") };
}

const STARTING = listed("running", "starting", "Up 1 second (health: starting)");
const HEALTHY = listed("running", "healthy", "Up 16 seconds (healthy)");
const RESTARTING = listed("restarting", "", "Restarting (6) 2 seconds ago");
const LOG = "\x1b[2Korchestrator-1  | error: Cannot start: the security boundary was changed\n";

const SAID = "error: Cannot bring up the stack: it does not work after 120 s";
const HINT = ' hint: Read "bigeye-agent compose logs -s bigeye-agent-orchestrator", ' +
  "correct what it names, and run the same command again";

for (const line of ["compose up", "compose upgrade", "sync", "register"]) {
  Deno.test(`${line} fails with the orchestrator's last log lines if it restarts in a loop`, async () => {
    const watched = await registered();
    await using world = watched.world;
    world.docker.answer("compose logs", { stdout: LOG });
    watched.onCheck = (check) => world.docker.answer(CHECK, check % 2 ? RESTARTING : STARTING);
    const { code, noted } = await world.run(`bigeye-agent ${line}`, watched.options);
    assert.equal(code, 1);
    const failure = noted.slice(noted.indexOf(SAID)).filter((text) => !text.includes("heartbeat"));
    assert.deepEqual(failure, [
      SAID,
      ...failure.slice(1, 2),
      "       orchestrator-1  | error: Cannot start: the security boundary was changed",
      HINT,
      " code: stack_unhealthy",
    ]);
    assert.match(
      failure[1] ?? "",
      /bigeye-agent-orchestrator is (starting|restarting, exit code 6)$/,
    );
    assert.equal(
      world.docker.ran.at(-1),
      "compose logs --no-color --tail 10 bigeye-agent-orchestrator",
    );
  });
}

Deno.test("compose up prints each state that it waits on once, and ends when both services are healthy", async () => {
  const watched = await registered();
  await using world = watched.world;
  const states = [STARTING, RESTARTING, STARTING, RESTARTING, STARTING, HEALTHY];
  watched.onCheck = (check) => world.docker.answer(CHECK, states[check - 1] ?? HEALTHY);
  const ended = await world.run("bigeye-agent compose up");
  assert.deepEqual(ended, {
    code: 0,
    said: [],
    noted: [
      "      waiting: bigeye-agent-orchestrator is starting",
      "      waiting: bigeye-agent-orchestrator is restarting, exit code 6",
    ],
  });
});

Deno.test("Ctrl-C ends the wait of compose up and does not stop the stack", async () => {
  const watched = await registered();
  await using world = watched.world;
  const typing = new AbortController();
  world.docker.answer(CHECK, STARTING);
  watched.onCheck = (check) => void (check === 3 && typing.abort(new Interrupted("SIGINT")));
  const { code, noted } = await world.run("bigeye-agent compose up", { stop: typing.signal });
  assert.deepEqual([code, noted.at(-1)], [130, "Stopped before the end"]);
  assert.equal(world.docker.ran.at(-1), "compose ps --all --format json");
});
