/** The routes of users. */

import type { Page } from "../page.ts";
import { addUser, askRemove, changeRole, removeUser } from "./change.tsx";
import { theirKeys } from "./keys.tsx";
import { peopleList } from "./list.tsx";

export const PEOPLE_PAGES: readonly Page[] = [
  peopleList,
  addUser,
  changeRole,
  askRemove,
  removeUser,
  theirKeys,
];
