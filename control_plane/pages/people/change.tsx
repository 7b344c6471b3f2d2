/** Adds users, changes their roles, removes them. */

import { NewUserSchema, UserPatchSchema } from "../../../lib/contract/users.ts";
import { newApiKey } from "../../http/authentication.ts";
import { checked } from "../../http/body.ts";
import { Banner, PageHead, PostForm } from "../frame/parts.tsx";
import { newKeyPage } from "../keys/change.tsx";
import { refusedFor } from "../frame/form.tsx";
import { page, type PageCall, type ShownPage } from "../page.ts";
import { PATHS } from "../paths.ts";
import { peoplePage } from "./list.tsx";

const BACK = { words: "People", path: PATHS.people };

export const addUser = page({
  method: "POST",
  path: PATHS.people,
  who: "admin",
  action: "add a user",
  answer: (call) => added(call),
  redisplay: (call, problem) => peoplePage(call, refusedFor(problem, call.form)),
});

async function added({ needs: { store }, form, by }: PageCall<string>): Promise<ShownPage> {
  const body = checked(NewUserSchema, { name: form.get("name"), role: form.get("role") });
  const { key, hash: keyHash } = newApiKey("personal");
  await store.users.add({ ...body, keyHash }, by);
  const use =
    `It is the first key of ${body.name}, for signing in. Send it to them over a secure channel.`;
  return newKeyPage({ title: `${body.name} was added`, key, use, back: BACK, section: "people" });
}

export const changeRole = page({
  method: "POST",
  path: `${PATHS.people}/:id/role`,
  who: "admin",
  action: "change a user's role",
  async answer({ needs: { store }, params: { id }, form, by }) {
    const { role } = checked(UserPatchSchema, { role: form.get("role") });
    await store.users.changeRole(id, role, by);
    return { goTo: PATHS.people, done: "role_changed" };
  },
});

const REMOVE = `${PATHS.people}/:id/remove` as const;

export const askRemove = page({
  method: "GET",
  path: REMOVE,
  who: "admin",
  action: "remove a user",
  async answer({ needs: { store }, params: { id }, viewer }) {
    const { name } = await store.users.get(id);
    return {
      title: `Remove ${name}`,
      section: "people",
      content: (
        <div class="narrow">
          <PageHead title={`Remove ${name}?`} above={<a href={PATHS.people}>People</a>} />
          <Banner kind="note">
            All keys and sessions of {name}{" "}
            are revoked at once, also for scripts that use the keys. Their entries in the audit list
            stay.
          </Banner>
          <PostForm to={`${PATHS.people}/${id}/remove`} viewer={viewer} name="deciding">
            <button type="submit" class="danger">Remove the user</button>
            <a class="button" href={PATHS.people}>Keep the user</a>
          </PostForm>
        </div>
      ),
    };
  },
});

export const removeUser = page({
  method: "POST",
  path: REMOVE,
  who: "admin",
  action: "remove a user",
  async answer({ needs: { store }, params: { id }, by }) {
    await store.users.remove(id, by);
    return { goTo: PATHS.people, done: "user_removed" };
  },
});
