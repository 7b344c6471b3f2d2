/** The response to a bug: an incident number, with which the bug is found in the log. */

import assert from "node:assert/strict";
import { problemAnswer, problemFor } from "../../../control_plane/http/answers.ts";

Deno.test("a bug is 500 with an incident number, and only the log has its details", async () => {
  const logged: { readonly level: string; readonly fields: Readonly<Record<string, unknown>> }[] =
    [];
  const bug = new TypeError("secret detail");
  const problem = problemFor(bug, {
    log: (level, _message, fields = {}) => void logged.push({ level, fields }),
    logFailure: () => assert.fail("no caller's problem"),
  });
  const answer = problemAnswer(problem);
  const [{ fields: { incident, ...rest }, level } = { fields: {}, level: "" }, ...more] = logged;
  const message = "Cannot answer: the control plane had an unexpected error";
  const hint = `Search the control plane's log for incident "${incident}" and report it`;
  assert.match(String(incident), /^[0-9a-f-]{36}$/);
  assert.deepEqual([answer.status, await answer.json()], [500, {
    code: "internal",
    message,
    error: message,
    details: [{ message: hint }],
  }]);
  assert.deepEqual([level, rest, more], ["error", {
    reason: "secret detail",
    stack: bug.stack,
  }, []]);
});
