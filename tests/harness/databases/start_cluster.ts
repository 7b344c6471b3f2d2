/**
 * A program that starts the shared cluster in the folder BIGEYE_TEST_POSTGRES_CLUSTER and migrates a
 * template database. The cluster ends with the process whose id is the argument.
 */

import { openStore } from "../../../control_plane/store/mod.ts";
import { manualClock } from "../../fakes/system/clock.ts";
import { CLUSTER, databaseUrl, inDatabase, startCluster } from "./postgres_cluster.ts";
import { MIGRATED } from "./test_store.ts";

await startCluster(CLUSTER ?? "", [], Number(Deno.args[0]));
await inDatabase("postgres", `create database ${MIGRATED}`);
await (await openStore(databaseUrl(MIGRATED), manualClock()))[Symbol.asyncDispose]();
