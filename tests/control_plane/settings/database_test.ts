/** The setting of the database, and its password, which is never shown. */

import assert from "node:assert/strict";
import { databasePlace, planeSettings } from "../../../control_plane/settings/settings.ts";
import type { ServeFlags } from "../../../control_plane/settings/sources.ts";
import { openStore } from "../../../control_plane/store/mod.ts";
import type { Log } from "../../../lib/ports.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const URL_OF_A_SERVER = "postgres://plane:sesame@db.test:5433/plane";

/** Returns the database of these flags and variables. The file "url" has the URL. */
function place(
  flags: ServeFlags,
  variables: Readonly<Record<string, string>> = {},
  log: Log = () => {},
) {
  const env = (name: string) => variables[name];
  const files = memoryFiles({ "/here/url": `${URL_OF_A_SERVER}\n` });
  const stat = async (path: string) => {
    const info = await files.stat(path);
    return info && { ...info, mode: 0o644 };
  };
  const all = { data: "d", temporalAddress: "temporal.test:7233", ...flags };
  return databasePlace(planeSettings(all, { env, folder: "/here" }), {
    files: { ...files, stat },
    log,
  });
}

const invalid = {
  code: "database_url_invalid",
  message: "Cannot read the database URL",
  hint:
    "Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded",
};

Deno.test("the database is a file in the data folder, or the Postgres of a flag, a variable or a file", async () => {
  assert.deepEqual(
    await Promise.all([
      place({}),
      place({ databaseUrl: URL_OF_A_SERVER }),
      place({ databaseUrlFile: "url" }),
      place({}, { BIGEYE_PLANE_DATABASE_URL: URL_OF_A_SERVER }),
      place({}, { BIGEYE_PLANE_DATABASE_URL_FILE: "/here/url" }),
    ]),
    ["/here/d/plane.sqlite", ...Array(4).fill(URL_OF_A_SERVER)],
  );
});

// Attacker: another user of the machine who reads the password in the file.
Deno.test("a warning names a file with the URL that every user may read", async () => {
  const logged: unknown[] = [];
  await place({ databaseUrlFile: "url" }, {}, (level, _, fields) => {
    logged.push([level, fields?.file]);
  });
  assert.deepEqual(logged, [["warn", "/here/url"]]);
});

Deno.test("two database URLs, and an invalid one, are refused without showing them", async () => {
  const both = { databaseUrl: URL_OF_A_SERVER, databaseUrlFile: "url", temporalAddress: "t:7233" };
  assert.throws(
    () => planeSettings({ data: "d", ...both }, { env: () => undefined, folder: "/" }),
    {
      message: "Cannot use --database-url-file together with --database-url",
    },
  );
  await assert.rejects(place({ databaseUrl: "mysql://plane:sesame@db.test/plane" }), invalid);
  await assert.rejects(place({ databaseUrlFile: "absent" }), invalid);
  await assert.rejects(place({}, { BIGEYE_PLANE_DATABASE_URL: "" }), invalid);
  await assert.rejects(openStore("postgres://plane:ses ame%@db.test:x/", manualClock()), invalid);
});

// Attacker: reads the password in logged settings or in an error message.
Deno.test("neither the settings nor an error contains the password", async () => {
  const tools = { env: () => undefined, folder: "/here" };
  const flags = { data: "d", databaseUrl: URL_OF_A_SERVER, temporalAddress: "temporal.test:7233" };
  const settings = planeSettings(flags, tools);
  assert.ok(!(JSON.stringify(settings) + Deno.inspect(settings)).includes("sesame"));
  const nowhere = "postgres://plane:sesame@127.0.0.1:1/plane";
  await assert.rejects(openStore(nowhere, manualClock()), (error) => {
    assert.ok(error instanceof Problem);
    assert.deepEqual([error.code, error.message, error.hint], [
      "store_unopened",
      'Cannot open the database "postgres://plane@127.0.0.1:1/plane"',
      'Run "psql postgres://plane@127.0.0.1:1/plane" here: server, database, user and password must be right',
    ]);
    assert.ok(!Deno.inspect(error, { depth: 10 }).includes("sesame"));
    return true;
  });
});
