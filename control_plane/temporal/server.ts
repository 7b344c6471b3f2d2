/** Runs a Temporal dev server for a control plane on one machine: starts, restarts and ends it. */

import { aborted, anySignal } from "../../lib/async/abort.ts";
import { DeadlineExceeded, withDeadline } from "../../lib/async/timing.ts";
import type { Clock, Exec, Files, FreePort, Log } from "../../lib/ports.ts";
import {
  launcherMissing,
  temporalServerEnded,
  temporalServerMissing,
  temporalServerSilent,
} from "../../lib/problems/plane.ts";
import { Problem, reasonOf } from "../../lib/problems/problem.ts";
import { type ChildEnd, NOT_FOUND, whileChild } from "./while_child.ts";

export interface TemporalServerNeeds {
  /** A command on PATH, or an absolute path. */
  readonly program: string;
  readonly namespace: string;
  /** Absolute path; created at the first start. */
  readonly databaseFile: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly exec: Exec;
  readonly files: Pick<Files, "stat" | "writeText" | "remove">;
  readonly freePort: FreePort;
  /** Resolves once Temporal answers at the address. Injected, so that the large SDK is loaded lazily. */
  readonly answers: (address: string, signal: AbortSignal) => Promise<void>;
}

export interface OwnTemporalServer {
  /** `host:port` on loopback; a restart keeps it. */
  readonly address: string;
  /** Resolves once the signal has aborted and the server has ended; never rejects. */
  readonly done: Promise<void>;
}

const HOST = "127.0.0.1";
const ANSWERS_WITHIN_MS = 60_000;
/** An idle server takes 3 s to stop. */
const GRACE_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A server that ran this long can start; the restart pause is reset. */
const STEADY_MS = 60_000;

/**
 * Temporal's defaults suit many shards and busy queues. This server has one shard, which by default reads
 * its tasks at most 20 times a second, so consecutive runs wait 40 ms at every step. A host's queue needs
 * no partitions, between which tasks would be forwarded.
 */
export const ONE_MACHINE: readonly string[] = [
  "history.transferProcessorMaxPollRPS=1000",
  "matching.numTaskqueueReadPartitions=1",
  "matching.numTaskqueueWritePartitions=1",
];

/**
 * Starts the server. Resolves when it answers, or when the signal aborts.
 * @throws `temporal_server_missing`, `temporal_launcher_missing`, `temporal_server_ended`,
 * `temporal_server_silent`; nothing runs then.
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
      log("warn", "temporal server failed, restarting it", fieldsOf(error));
      await clock.sleep(pause, signal).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** Runs one server process until it ends or the signal aborts. */
async function life(needs: TemporalServerNeeds, keeping: Keeping): Promise<void> {
  const { program, databaseFile, exec, files, log } = needs;
  const { address, onOpen, signal } = keeping;
  const file = await openTemporalFile(files, databaseFile);
  const child = {
    argv: [program, ...argumentsOf(needs, address)],
    graceMs: GRACE_MS,
    failure: (end: ChildEnd) => failureOf(program, end),
    onLine(line: string) {
      // Other lines are the banner for people.
      if (line.startsWith("{")) log("warn", "temporal server output", { line });
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

/** 127 means that a program is missing: the launcher if there is no output, else the server. */
function failureOf(program: string, { code, words }: ChildEnd): Problem {
  if (code !== NOT_FOUND) return temporalServerEnded(program, words);
  return words.length === 0 ? launcherMissing() : temporalServerMissing(program);
}

function fieldsOf(error: unknown): Record<string, unknown> {
  const details = error instanceof Problem ? error.details.map(({ message }) => message) : [];
  return { error: reasonOf(error), ...(details.length > 0 && { said: details }) };
}

export interface TemporalFile {
  /** Call it as soon as Temporal answers, before anything is stored in the database. */
  answered(): Promise<void>;
  /** Call it when Temporal has ended. A server that never started leaves nothing unfinished. */
  ended(): Promise<void>;
}

/** The suffixes of a SQLite database's files. */
const PARTS = ["", "-wal", "-shm", "-journal"];

/**
 * Discards a half-initialised Temporal database; call it before each start. Temporal creates its tables one
 * by one in a new file and takes any existing file as complete, so a server killed meanwhile would never
 * start again. A marker file means that Temporal has not answered on this database yet, so nothing is lost.
 */
export async function openTemporalFile(
  files: Pick<Files, "stat" | "writeText" | "remove">,
  path: string,
): Promise<TemporalFile> {
  const marker = `${path}.unfinished`;
  if (await files.stat(marker) !== undefined) {
    for (const part of PARTS) await files.remove(`${path}${part}`);
  } else if (await files.stat(path) === undefined) {
    await files.writeText(marker, "Temporal has not answered on this file yet\n");
  }
  return {
    answered: () => files.remove(marker),
    async ended() {
      if (await files.stat(path) === undefined) await files.remove(marker);
    },
  };
}
