/** What can be wrong with a change of the users. */

import { Problem } from "./problem.ts";

export function userNameTaken(name: string): Problem {
  return new Problem({
    code: "user_name_taken",
    message: `Cannot add user "${name}": there is one of that name`,
    hint: "Choose another name, or change the role of that user",
    exit: "conflict",
    details: [{ path: "name", message: "is taken" }],
  });
}

/** `action` ends the sentence "Cannot …". */
export function lastAdmin(action: string): Problem {
  return new Problem({
    code: "last_admin",
    message: `Cannot ${action}: nobody else is an admin`,
    hint: "Make another user an admin first",
    exit: "conflict",
  });
}
