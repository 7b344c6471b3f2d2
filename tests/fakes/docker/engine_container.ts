/** A container of the fake engine: a small state machine that the words of its command control. */

import type { Clock } from "../../../lib/ports.ts";

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly lines: { readonly at: string; readonly text: string }[];
  memory: number;
  status: "created" | "running" | "exited";
  exitCode: number;
  oomKilled: boolean;
  starts: number;
  startedAt: string;
  finishedAt: string;
  start(): void;
  signal(name: string): void;
  say(text: string): void;
  exit(code: number): void;
  /** Resolves at the next change; rejects when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
}

const NEVER = "0001-01-01T00:00:00Z";

export function newContainer(
  { name, labels, words }: Pick<FakeContainer, "name" | "labels" | "words">,
  { clock }: { readonly clock: Clock },
): FakeContainer {
  const stamp = () => clock.now().toISOString().replace("Z", "000000Z");
  const word = (start: string) => words.find((one) => one.startsWith(start))?.slice(start.length);
  let next = Promise.withResolvers<void>();
  const notify = () => {
    const { resolve } = next;
    next = Promise.withResolvers();
    resolve();
  };
  const exited = new AbortController();
  const container: FakeContainer = {
    id: `id-of-${name}`,
    name,
    labels,
    words,
    lines: [],
    memory: 0,
    status: "created",
    exitCode: 0,
    oomKilled: false,
    starts: 0,
    startedAt: NEVER,
    finishedAt: NEVER,
    start() {
      container.starts++;
      container.status = "running";
      container.startedAt = stamp();
      for (const text of words.filter((one) => one.startsWith("says-"))) {
        container.say(text.slice("says-".length));
      }
      const code = Number(word("exit-") ?? 0);
      const seconds = word("runs-");
      if (words.includes("oom")) {
        container.oomKilled = true;
        return container.exit(137);
      }
      if (seconds === undefined && !words.includes("runs")) return container.exit(code);
      if (seconds === undefined) return;
      clock.sleep(Number(seconds) * 1_000, exited.signal)
        .then(() => container.exit(code), () => {});
    },
    signal(send) {
      if (send === "SIGTERM" && words.includes("ignores-term")) return;
      container.exit(send === "SIGKILL" ? 137 : 143);
    },
    say(text) {
      container.lines.push({ at: stamp(), text });
      notify();
    },
    exit(code) {
      container.status = "exited";
      container.exitCode = code;
      container.finishedAt = stamp();
      exited.abort();
      notify();
    },
    changed: (signal) =>
      new Promise((resolve, reject) => {
        const leave = () => reject(signal.reason);
        if (signal.aborted) return leave();
        signal.addEventListener("abort", leave, { once: true });
        next.promise.then(() => {
          signal.removeEventListener("abort", leave);
          resolve();
        });
      }),
  };
  return container;
}

/** Returns the body for `GET /containers/{id}/json`. */
export function shown(container: FakeContainer): unknown {
  return {
    Id: container.id,
    Name: `/${container.name}`,
    Config: { Labels: container.labels },
    HostConfig: { Memory: container.memory },
    State: {
      Status: container.status,
      ExitCode: container.exitCode,
      OOMKilled: container.oomKilled,
      Error: "",
      StartedAt: container.startedAt,
      FinishedAt: container.finishedAt,
    },
  };
}

/** Returns one stdout frame of the multiplexed log stream. */
export function encodeFrame(
  { at, text }: { readonly at: string; readonly text: string },
): Uint8Array<ArrayBuffer> {
  const payload = new TextEncoder().encode(`${at} ${text}\n`);
  const frame = new Uint8Array(8 + payload.length);
  frame[0] = 1;
  new DataView(frame.buffer).setUint32(4, payload.length);
  frame.set(payload, 8);
  return frame;
}
