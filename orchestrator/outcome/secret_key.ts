/** Tells the names of settings whose values are secrets from other names. */

/** Words that say so wherever they stand in a name. */
const ANYWHERE = "pass(?:word|phrase|code)|" +
  "(?:api|access|account|encryption|licen[cs]e|private|shared|signing)[-_.]?key|" +
  "token|secret|credential";
/** Words that are a part of ordinary ones, and say so only at the end of a name. */
const AT_END = "pass(?:wd)?|pwd";

const SECRET_KEY = new RegExp(`${ANYWHERE}|(?:${AT_END})(?:[-_.[]?\\d+\\]?)?$`, "i");

/** Whether a setting of that name holds a secret; connector files end their names in `.1`, `.2`, … */
export function isSecretKey(name: string): boolean {
  return SECRET_KEY.test(name);
}

/**
 * The source of a pattern for such a name and what leads to its value in free text: `db.password.1=`,
 * `"token": "`, `Password is `.
 */
export const SECRET_LEAD = `(?:${ANYWHERE}|${AT_END})[\\w.\\-[\\]]{0,32}["']?` +
  `(?:[ \\t]{0,8}[:=][ \\t]{0,8}|[ \\t]{1,8}(?:is[ \\t]{1,8})?)["']?`;
