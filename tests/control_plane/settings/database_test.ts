/** Where the data is kept: what is told wins, and a password is in nobody's sight. */

import assert from "node:assert/strict";
import { databasePlace, planeSettings } from "../../../control_plane/settings/settings.ts";
import type { ServeFlags } from "../../../control_plane/settings/sources.ts";
import { openStore } from "../../../control_plane/store/mod.ts";
import type { Log } from "../../../lib/ports.ts";
import { Problem } from "../../../lib/problems/problem.ts";
import { memoryFiles } from "../../fakes/system/memory_files.ts";
import { manualClock } from "../../fakes/system/clock.ts";

const URL_OF_A_SERVER = "postgres://plane:sesame@db.test:5433/plane";

/** The place that these flags and variables lead to, where one file has the URL and another nothing. */
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

Deno.test("the database is a file in the data folder, or the Postgres that is named in one of three ways", async () => {
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

// Another user of the machine reads the password in the file.
Deno.test("a file with the URL that every user may read is complained of", async () => {
  const said: unknown[] = [];
  await place({ databaseUrlFile: "url" }, {}, (level, _, fields) => {
    said.push([level, fields?.file]);
  });
  assert.deepEqual(said, [["warn", "/here/url"]]);
});

Deno.test("two ways at once, and what is no URL of a Postgres, are refused without being shown", async () => {
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

// Somebody reads the password in the settings as they are logged, or in what an error says.
Deno.test("no settings and no refusal have the password in them", async () => {
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
