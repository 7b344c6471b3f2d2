/** The tests of the store, and of all that REST does with it, once more on a real Postgres. */

import { POSTGRES, WITHOUT_POSTGRES } from "../../databases/postgres_cluster.ts";
import { usePostgres } from "../../databases/test_store.ts";

const SUITE = [
  "./outbox_test.ts",
  "./retention_test.ts",
  "./values_test.ts",
  "../account_test.ts",
  "../api/audit_test.ts",
  "../api/bad_input_test.ts",
  "../api/etag_test.ts",
  "../api/host_removal_test.ts",
  "../api/heartbeats_test.ts",
  "../api/hosts_test.ts",
  "../api/jobs_test.ts",
  "../api/keys_test.ts",
  "../api/lists_test.ts",
  "../api/personal_keys_test.ts",
  "../api/runs_test.ts",
  "../api/schedules_test.ts",
  "../api/users_test.ts",
  "../api/who_test.ts",
  "../pages/account_test.ts",
  "../pages/answers_test.ts",
  "../pages/events_test.ts",
  "../pages/forms_test.ts",
  "../pages/job_form_test.ts",
  "../pages/session_test.ts",
];

if (POSTGRES === undefined) {
  Deno.test.ignore(`the store suite on Postgres (${WITHOUT_POSTGRES})`, () => {});
} else {
  await usePostgres();
  for (const file of SUITE) await import(file);
}
