/** The command table of `bigeye-control-plane`. Each command's code is loaded when it runs. */

import { buildRouteMap, type RouteMap } from "@stricli/core";
import { type CliContext, command, docsOf } from "../../lib/cli/command.ts";
import type { AdminKeyFlags } from "./admin_key.ts";
import type { BackupFlags } from "./backup.ts";
import type { HealthFlags } from "./health.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import type { ServeFlags } from "../settings/sources.ts";

const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

/** The flags for the data, shared by all commands. */
const WHERE = {
  data: text(
    "Folder of the database and the account's keys; required, and must not be readable by others",
    "DIR",
  ),
  databaseUrl: text(
    "Postgres URL, instead of a SQLite file in that folder; use the variable to hide the password",
    "URL",
  ),
  databaseUrlFile: text("File that contains the Postgres URL", "FILE"),
} as const;

const serve = command<ServeFlags, PlaneTools>({
  brief: "Run the control plane in the foreground",
  description: "The first start creates the account's keys and the user \"admin\". The admin's " +
    "Personal API Key is printed on stdout once, or written to --admin-key-file, and is not shown " +
    "again. Logs are JSON lines on stderr. While Temporal is down, runs stay queued.\n\n" +
    "Without --temporal-address it runs its own Temporal server on loopback, with a database in the " +
    "data folder, and HAProxy as the TLS gateway through which hosts reach it. This form is for one " +
    "machine, because every user of the machine can reach that Temporal.\n\n" +
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
      brief: "Address to listen on; repeat for several (default: 127.0.0.1:8080)",
      placeholder: "HOST:PORT",
      variadic: true,
      optional: true,
    },
    trustedProxy: text(
      "Trusted proxies (IP or CIDR, comma-separated) whose X-Forwarded-For is believed",
      "IP",
    ),
    temporalAddress: text(
      "Address of an existing Temporal (default: run a Temporal server)",
      "HOST:PORT",
    ),
    temporalServer: text(
      'Temporal CLI that runs the server (default: "temporal" on PATH)',
      "FILE",
    ),
    temporalNamespace: text("Temporal namespace (default: default)", "NAME"),
    temporalPublicAddress: text(
      "Address at which hosts reach Temporal (default: the gateway, else --temporal-address)",
      "HOST:PORT",
    ),
    gatewayListen: text(
      "Address of the TLS gateway (HAProxy) in front of a Temporal on loopback (default with our own " +
        "Temporal: port 7234 at --listen)",
      "HOST:PORT",
    ),
    temporalServerName: text(
      "Server name in the certificate of --temporal-address; enables TLS",
      "NAME",
    ),
    temporalCaFile: text(
      "PEM file with the CA of that certificate (default: the system's)",
      "FILE",
    ),
    temporalApiKeyFile: text(
      "File with the API key for Temporal; hosts receive the key at registration",
      "FILE",
    ),
    hostWait: text("Seconds that a run waits for its host (default: 3600)", "SECONDS"),
    keepRunsDays: text("Days that ended runs are kept (default: 90)", "DAYS"),
    keepAuditDays: text("Days that audit entries are kept (default: 400)", "DAYS"),
    adminKeyFile: text("File for the first admin's key, instead of stdout", "FILE"),
  },
  load: async () => (await import("./serve.ts")).serve,
});

const adminKey = command<AdminKeyFlags, PlaneTools>({
  brief: "Create a key for an admin, on the control plane's machine",
  description:
    "For a lost key, or an account without a reachable admin. Creates the user, or makes it an " +
    "admin, if needed. A data folder without an account gets a new one. The Personal API Key is " +
    "printed on stdout once, or written to --admin-key-file. With SQLite, stop the control plane " +
    "first; runs continue and are reported later. The audit list records the change as made on " +
    "the control plane's machine.",
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
  brief: "Copy the data folder while the control plane runs",
  description: "Copies the account's database, the database of the control plane's own Temporal " +
    "server, and the keys (*.pem) to a new folder of mode 0700, which appears only once it is " +
    "complete, and prints the files on stdout. The backup contains private keys: protect it like " +
    "the data folder. To restore, stop the control plane, copy the backup to the data folder's " +
    "place, and start it again. Back up Postgres with pg_dump.\n\n" +
    "Exit codes: 0 done, 1 not copied, 2 wrong usage, 3 no such data folder, 5 --to exists.",
  examples: [
    "bigeye-control-plane backup --data /var/lib/bigeye --to /backup/bigeye-monday",
    "bigeye-control-plane backup --data ./plane --to ./plane-before-upgrade",
  ],
  flags: {
    data: WHERE.data,
    to: {
      kind: "parsed",
      parse: String,
      brief: "Folder to create; must not exist",
      placeholder: "DIR",
    },
  },
  load: async () => (await import("./backup.ts")).backup,
});

const health = command<HealthFlags, PlaneTools>({
  brief: "Check whether the control plane on this machine is healthy",
  description:
    "For a container's health check: asks the first listen address of `serve` whether REST " +
    "answers and the database is reachable.\n\n" +
    "Exit codes: 0 healthy, 1 unhealthy.",
  examples: [
    "bigeye-control-plane health",
    "bigeye-control-plane health --listen 10.0.0.5:8080",
  ],
  flags: {
    listen: {
      kind: "parsed",
      parse: String,
      brief: "Address that `serve` listens on (default: 127.0.0.1:8080)",
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
    brief: "Bigeye control plane: hosts, jobs and runs, dispatched by Temporal",
    examples: [
      "bigeye-control-plane serve --data /var/lib/bigeye",
      "bigeye-control-plane serve --data ./plane --admin-key-file admin.key",
    ],
  }),
});
