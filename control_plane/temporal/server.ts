/** A Temporal server of our own, for one machine: started, waited for, started again, and ended. */

import { aborted, anySignal } from "../../lib/async/any_signal.ts";
import { DeadlineExceeded, withDeadline } from "../../lib/async/deadline.ts";
import type { Clock, Exec, Files, FreePort, Log } from "../../lib/ports.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import {
  launcherMissing,
  temporalServerEnded,
  temporalServerMissing,
  temporalServerSilent,
} from "../../lib/problems/plane.ts";
import { openTemporalFile } from "./server_file.ts";
import { type ChildEnd, NOT_FOUND, whileChild } from "./while_child.ts";

export interface TemporalServerNeeds {
  /** A name on the PATH, or an absolute path. */
  readonly program: string;
  readonly namespace: string;
  /** Absolute path; made at the first start. */
  readonly databaseFile: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly exec: Exec;
  readonly files: Pick<Files, "stat" | "writeText" | "remove">;
  readonly freePort: FreePort;
  /** Resolves once Temporal takes calls at the address; loaded late, as the SDK is large. */
  readonly answers: (address: string, signal: AbortSignal) => Promise<void>;
}

export interface OwnTemporalServer {
  /** `host:port` on loopback, the same one after each of its ends. */
  readonly address: string;
  /** Resolves once the signal has aborted and the server has ended; never rejects. */
  readonly done: Promise<void>;
}

const HOST = "127.0.0.1";
const ANSWERS_WITHIN_MS = 60_000;
/** It takes 3 s when it is at rest. */
const GRACE_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A server that lived that long is not one that cannot start. */
const STEADY_MS = 60_000;

/**
 * Temporal's defaults are for many shards and busy queues. This server has one shard, which by default
 * reads its tasks at most 20 times a second: one run after another is enough to wait 40 ms at every
 * step. And the queue of one host needs no partitions, between which tasks are forwarded.
 */
const ONE_MACHINE = [
  "history.transferProcessorMaxPollRPS=1000",
  "matching.numTaskqueueReadPartitions=1",
  "matching.numTaskqueueWritePartitions=1",
];

/**
 * Resolves when it answers, or when the signal aborts. Throws `temporal_server_missing`,
 * `temporal_launcher_missing`, `temporal_server_ended` and `temporal_server_silent`; nothing runs then.
 */
export async function startTemporalServer(
  needs: TemporalServerNeeds,
  signal: AbortSignal,
): Promise<OwnTemporalServer> {
  const address = `${HOST}:${needs.freePort()}`;
  const opened = Promise.withResolvers<void>();
  const done = keepRunning(needs, { address, onOpen: opened.resolve, signal });
  await Promise.race([opened.promise, done]);
  return { address, done };
}

interface Keeping {
  readonly address: string;
  readonly onOpen: () => void;
  readonly signal: AbortSignal;
}

async function keepRunning(needs: TemporalServerNeeds, keeping: Keeping): Promise<void> {
  const { clock, log } = needs;
  const { signal } = keeping;
  let wasOpen = false;
  let pause = FIRST_PAUSE_MS;
  const onOpen = () => {
    wasOpen = true;
    keeping.onOpen();
  };
  while (!signal.aborted) {
    const started = clock.monotonic();
    try {
      await life(needs, { ...keeping, onOpen });
    } catch (error) {
      if (signal.aborted) return;
      if (!wasOpen) throw error;
      if (clock.monotonic() - started > STEADY_MS) pause = FIRST_PAUSE_MS;
      log("warn", "temporal server failed, starting it again", fieldsOf(error));
      await clock.sleep(pause, signal).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** One process, from its start to its end or the signal's abort. */
async function life(needs: TemporalServerNeeds, keeping: Keeping): Promise<void> {
  const { program, databaseFile, exec, files, log } = needs;
  const { address, onOpen, signal } = keeping;
  const file = await openTemporalFile(files, databaseFile);
  const child = {
    argv: [program, ...argumentsOf(needs, address)],
    graceMs: GRACE_MS,
    failure: (end: ChildEnd) => failureOf(program, end),
    onLine(line: string) {
      // The rest is what it greets a person with.
      if (line.startsWith("{")) log("warn", "temporal server says", { line });
    },
  };
  try {
    await whileChild(child, exec, async (over) => {
      using until = anySignal(signal, over);
      await untilAnswers(needs, { address, signal: until.signal });
      await file.answered();
      log("info", "temporal server started", { address });
      onOpen();
      await aborted(until.signal);
    });
  } finally {
    await file.ended();
  }
}

function argumentsOf(
  { databaseFile, namespace }: TemporalServerNeeds,
  address: string,
): readonly string[] {
  const port = address.slice(address.lastIndexOf(":") + 1);
  return [
    ...["server", "start-dev", "--headless", "--log-level", "error", "--log-format", "json"],
    ...["--ip", HOST, "--port", port, "--db-filename", databaseFile, "--namespace", namespace],
    ...ONE_MACHINE.flatMap((setting) => ["--dynamic-config-value", setting]),
  ];
}

async function untilAnswers(
  { clock, answers }: TemporalServerNeeds,
  { address, signal }: Pick<Keeping, "address" | "signal">,
): Promise<void> {
  try {
    await withDeadline(
      clock,
      { ms: ANSWERS_WITHIN_MS, signal },
      (until) => answers(address, until),
    );
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error;
    throw temporalServerSilent(address, ANSWERS_WITHIN_MS / 1_000);
  }
}

/** The code says that something is missing; whether it was the launcher, only silence tells. */
function failureOf(program: string, { code, words }: ChildEnd): Problem {
  if (code !== NOT_FOUND) return temporalServerEnded(program, words);
  return words.length === 0 ? launcherMissing() : temporalServerMissing(program);
}

function fieldsOf(error: unknown): Record<string, unknown> {
  const details = error instanceof Problem ? error.details.map(({ message }) => message) : [];
  return { error: reasonOf(error), ...(details.length > 0 && { said: details }) };
}
