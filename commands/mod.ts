/** The table of commands. Each command's code is loaded when it is run. */

import { buildRouteMap, type RouteMap } from "@stricli/core";
import { type CliContext, command, docsOf } from "../lib/cli/command.ts";
import type { LogsFlags } from "./compose/logs.ts";
import type { StatusFlags } from "./compose/status.ts";
import type { Tools } from "./context.ts";
import type { RegisterFlags } from "./register/register.ts";
import type { ServeFlags } from "./serve.ts";
import type { SocketProxyFlags } from "./socket_proxy.ts";
import type { SyncFlags } from "./sync.ts";

type NoFlags = Readonly<Record<never, never>>;

const toggle = (brief: string) =>
  ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

const text = (placeholder: string, brief: string) =>
  ({ kind: "parsed", brief, placeholder, optional: true, parse: String }) as const;

/** Kinds of flags, and the flags that several commands share. */
const flag = {
  toggle,
  text,
  json: toggle("Print one JSON document on standard output"),
  dryRun: toggle("Show what would be done and change nothing"),
  personalKeyFile: text("path", "File with an admin's Personal API Key; - is standard input"),
} as const;

const register = command<RegisterFlags, Tools>({
  brief: "Register this host with Bigeye and start the orchestrator",
  description:
    "Run it in the folder that contains bigeye_agent.yml; without that file, a new host is set up.\n" +
    "It asks for missing values, or reads them from the variables BIGEYE_HOST_ID, BIGEYE_URL,\n" +
    "BIGEYE_CA_FILE, BIGEYE_PERSONAL_API_KEY, BIGEYE_AGENT_API_KEY and HTTPS_PROXY.\n" +
    "It may be repeated at any time.",
  examples: [
    "bigeye-agent register --host-id prod-agent-01",
    "bigeye-agent register --host-id prod-agent-01 --personal-key-file - --agent-key-file agent.key",
    "bigeye-agent register --dry-run",
  ],
  flags: {
    hostId: flag.text("id", "Unique name of this host: 1 to 256 letters, digits or hyphens"),
    bigeyeUrl: flag.text("url", "URL of Bigeye, or of your own control plane"),
    proxy: flag.text("url", "URL of the HTTP proxy through which Bigeye is reached"),
    caFile: flag.text("path", "PEM file of the certificate authority, if it is not a public one"),
    personalKeyFile: flag.personalKeyFile,
    agentKeyFile: flag.text("path", "File with the Agent API Key; - is standard input"),
    replace: flag.toggle(
      "Take over the host id from another installation, which must have no active runs",
    ),
    dryRun: flag.dryRun,
    json: flag.json,
  },
  load: async () => (await import("./register/register.ts")).register,
});

const sync = command<SyncFlags, Tools>({
  brief: "Apply changes of bigeye_agent.yml to Bigeye and to the stack",
  description:
    "It shows the host's Agent API Key. A Bigeye that takes a registration from admins alone\n" +
    "needs --personal-key-file, or the variable BIGEYE_PERSONAL_API_KEY.",
  examples: [
    "bigeye-agent sync",
    "bigeye-agent sync --dry-run",
    "bigeye-agent sync --personal-key-file admin.key",
  ],
  flags: { personalKeyFile: flag.personalKeyFile, dryRun: flag.dryRun, json: flag.json },
  load: async () => (await import("./sync.ts")).sync,
});

const serve = command<ServeFlags, Tools>({
  brief: "Run the orchestrator in the foreground (its container runs this)",
  examples: ["bigeye-agent serve", "bigeye-agent serve --health"],
  flags: { health: flag.toggle("Check the health of the running orchestrator and exit") },
  load: async () => (await import("./serve.ts")).serve,
});

const socketProxy = command<SocketProxyFlags, Tools>({
  brief: "Run the Docker socket proxy in the foreground (its container runs this)",
  examples: ["bigeye-agent socket-proxy", "bigeye-agent socket-proxy --health"],
  flags: { health: flag.toggle("Check the health of the running proxy and exit") },
  load: async () => (await import("./socket_proxy.ts")).socketProxy,
});

const compose = buildRouteMap<string, CliContext<Tools>>({
  docs: docsOf({
    brief: "Manage the orchestrator's Docker Compose stack",
    examples: [
      "bigeye-agent compose status",
      "bigeye-agent compose logs -s bigeye-agent-orchestrator -f",
      "bigeye-agent compose upgrade",
    ],
  }),
  routes: {
    up: command<NoFlags, Tools>({
      brief: "Start the orchestrator and its socket proxy, and wait until both are healthy",
      examples: ["bigeye-agent compose up", "bigeye-agent compose up --debug"],
      flags: {},
      load: async () => (await import("./compose/up.ts")).composeUp,
    }),
    status: command<StatusFlags, Tools>({
      brief: "Show the state of the orchestrator and the socket proxy",
      examples: ["bigeye-agent compose status", "bigeye-agent compose status --json"],
      flags: { json: flag.json },
      load: async () => (await import("./compose/status.ts")).composeStatus,
    }),
    logs: command<LogsFlags, Tools>({
      brief: "Show the logs of one service or of both",
      examples: [
        "bigeye-agent compose logs -s bigeye-agent-orchestrator",
        "bigeye-agent compose logs -s docker-socket-proxy --tail 50 -f",
      ],
      flags: {
        service: flag.text("name", "Service to show (default: both)"),
        follow: flag.toggle("Follow new output"),
        tail: {
          kind: "parsed",
          brief: "Number of lines to show from the end of the logs",
          placeholder: "lines",
          optional: true,
          parse: lineCount,
        },
      },
      aliases: { s: "service", f: "follow" },
      load: async () => (await import("./compose/logs.ts")).composeLogs,
    }),
    upgrade: command<NoFlags, Tools>({
      brief: "Pull the newest images, including the batch agents', and recreate the services",
      description:
        "Future runs use the pulled images of the batch agents in bigeye_agent.yml. Services are recreated only\n" +
        "after all images were pulled. Running agents continue: the new orchestrator takes them over.",
      examples: ["bigeye-agent compose upgrade", "bigeye-agent compose upgrade --debug"],
      flags: {},
      load: async () => (await import("./compose/upgrade.ts")).composeUpgrade,
    }),
    down: command<NoFlags, Tools>({
      brief: "Stop all services and the running agents",
      examples: ["bigeye-agent compose down", "bigeye-agent compose down --debug"],
      flags: {},
      load: async () => (await import("./compose/down.ts")).composeDown,
    }),
  },
});

/** All commands of `bigeye-agent`. */
export const routes: RouteMap<CliContext<Tools>> = buildRouteMap<string, CliContext<Tools>>({
  docs: docsOf({
    brief: "Run Bigeye's batch agents on this host, triggered from Bigeye",
    examples: [
      "bigeye-agent register --host-id prod-agent-01",
      "bigeye-agent sync",
      "bigeye-agent compose status",
    ],
  }),
  routes: { register, sync, compose, serve, socketProxy },
});

function lineCount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RangeError(`must be a whole number of lines, not "${text}"`);
}
