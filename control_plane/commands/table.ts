/** The words of `bigeye-control-plane`; the code behind them is loaded when it is run. */

import { buildRouteMap, type RouteMap } from "@stricli/core";
import { type CliContext, command, docsOf } from "../../lib/cli/command.ts";
import type { AdminKeyFlags } from "./admin_key.ts";
import type { BackupFlags } from "./backup.ts";
import type { HealthFlags } from "./health.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import type { ServeFlags } from "../settings/setting_sources.ts";

const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

/** Where the data is: the same for every command. */
const WHERE = {
  data: text("Folder of the database and the account's keys; nobody else may read it", "DIR"),
  databaseUrl: text(
    "Postgres instead of a SQLite file in that folder; its variable keeps the password from others",
    "URL",
  ),
  databaseUrlFile: text("File that has this URL", "FILE"),
} as const;

const serve = command<ServeFlags, PlaneTools>({
  brief: "Run the control plane in the foreground",
  description: 'At the first start it makes the account\'s keys and the user "admin", whose ' +
    "Personal API Key is printed on stdout once, or written to --admin-key-file; it is never " +
    "shown again. Logs are JSON lines on stderr. While Temporal is away, runs stay queued.\n\n" +
    "Without --temporal-address it starts the Temporal server that it finds, on loopback and with its " +
    "data beside ours, and ends it again. That form is for one machine: each of its users reaches " +
    "that Temporal, and hosts reach it through a TLS gateway alone, HAProxy, which it starts as well.\n\n" +
    "Each flag is also an environment variable: BIGEYE_PLANE_DATA, BIGEYE_PLANE_LISTEN and so on.",
  examples: [
    "bigeye-control-plane serve --data /var/lib/bigeye",
    "bigeye-control-plane serve --data /var/lib/bigeye --listen 127.0.0.1:8080 --listen 10.0.0.5:8080",
    "bigeye-control-plane serve --data ./plane --temporal-address temporal.internal:7233",
    "bigeye-control-plane serve --data ./plane --temporal-address 127.0.0.1:7233 --gateway-listen 10.0.0.5:7234",
  ],
  flags: {
    ...WHERE,
    listen: {
      kind: "parsed",
      parse: String,
      brief: "Address to listen on; repeat it for several (default 127.0.0.1:8080)",
      placeholder: "HOST:PORT",
      variadic: true,
      optional: true,
    },
    trustedProxy: text(
      "Reverse proxies in front, as 10.0.0.3,172.16.0.0/12: a request is from whom they say in X-Forwarded-For",
      "IP",
    ),
    temporalAddress: text(
      "Where this process reaches Temporal (default a server of its own)",
      "HOST:PORT",
    ),
    temporalServer: text(
      'Program of that server, the Temporal CLI (default "temporal" on the PATH)',
      "FILE",
    ),
    temporalNamespace: text("Temporal's namespace (default default)", "NAME"),
    temporalPublicAddress: text(
      "Where hosts reach Temporal (default the gateway, else as this process does)",
      "HOST:PORT",
    ),
    gatewayListen: text(
      "Where hosts reach a Temporal on loopback over TLS, through HAProxy (default, before one of its " +
        "own, port 7234 where --listen is)",
      "HOST:PORT",
    ),
    temporalServerName: text("Name in the certificate of one's own Temporal; turns TLS on", "NAME"),
    temporalCaFile: text("Authority of that certificate (default the system's)", "FILE"),
    temporalApiKeyFile: text("API key of that Temporal; hosts are given it", "FILE"),
    hostWait: text("How long a run waits for its host (default 3600)", "SECONDS"),
    keepRunsDays: text("How long runs are kept after their end (default 90)", "DAYS"),
    keepAuditDays: text("How long the audit list is kept (default 400)", "DAYS"),
    adminKeyFile: text("File for the first admin's key, instead of stdout", "FILE"),
  },
  load: async () => (await import("./serve.ts")).serve,
});

const adminKey = command<AdminKeyFlags, PlaneTools>({
  brief: "Make a new key for an admin, on the control plane's own machine",
  description: "For a lost key, or an account whose admins are gone: whoever may read the data " +
    "folder may do this. The user is made, or made an admin, where it is not one yet. The " +
    "Personal API Key is printed on stdout once, or written to --admin-key-file. With a SQLite " +
    "file the control plane has to be stopped meanwhile; runs go on and are reported later. The " +
    "audit list names the machine.",
  examples: [
    "bigeye-control-plane admin-key --data /var/lib/bigeye",
    "bigeye-control-plane admin-key --data /var/lib/bigeye --user ada --admin-key-file ada.key",
  ],
  flags: {
    ...WHERE,
    user: {
      kind: "parsed",
      parse: String,
      brief: "Name of the admin",
      placeholder: "NAME",
      default: "admin",
    },
    adminKeyFile: text("File for the key, instead of stdout", "FILE"),
  },
  load: async () => (await import("./admin_key.ts")).adminKey,
});

const backup = command<BackupFlags, PlaneTools>({
  brief: "Copy the data folder, while the control plane goes on",
  description: "The account's database, that of the Temporal server that the control plane " +
    "started, and the keys (*.pem) come into a new folder, mode 0700, which is there once it is " +
    "whole; the files in it are named on stdout. It holds private keys: keep it as safe as the " +
    "data folder. To restore it, end the control plane, copy the backup to where the data folder " +
    "was, and start it again. A Postgres is backed up by pg_dump.\n\n" +
    "Exit codes: 0 done, 1 not copied, 2 wrong words, 3 no such data folder, 5 --to is taken.",
  examples: [
    "bigeye-control-plane backup --data /var/lib/bigeye --to /backup/bigeye-monday",
    "bigeye-control-plane backup --data ./plane --to ./plane-before-upgrade",
  ],
  flags: {
    data: WHERE.data,
    to: {
      kind: "parsed",
      parse: String,
      brief: "Folder to make, not there yet",
      placeholder: "DIR",
    },
  },
  load: async () => (await import("./backup.ts")).backup,
});

const health = command<HealthFlags, PlaneTools>({
  brief: "Ask whether the control plane on this machine is well",
  description: "For the health check of a container: it asks the first address to listen on, as " +
    "`serve` was told it, whether REST answers and the database is reached.\n\n" +
    "Exit codes: 0 well, 1 not.",
  examples: [
    "bigeye-control-plane health",
    "bigeye-control-plane health --listen 10.0.0.5:8080",
  ],
  flags: {
    listen: {
      kind: "parsed",
      parse: String,
      brief: "Address that it listens on (default 127.0.0.1:8080)",
      placeholder: "HOST:PORT",
      variadic: true,
      optional: true,
    },
  },
  load: async () => (await import("./health.ts")).health,
});

export const ROUTES: RouteMap<CliContext<PlaneTools>> = buildRouteMap({
  routes: { serve, adminKey, backup, health },
  docs: docsOf({
    brief: "Bigeye's control plane: hosts, jobs and runs over REST, dispatched by Temporal",
    examples: [
      "bigeye-control-plane serve --data /var/lib/bigeye",
      "bigeye-control-plane serve --data ./plane --admin-key-file admin.key",
    ],
  }),
});
