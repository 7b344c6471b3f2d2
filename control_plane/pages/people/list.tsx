/** The list of users with their roles and keys. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { ROLES } from "../../../lib/contract/users.ts";
import type { UsersRow } from "../../store/tables.ts";
import { RefusedBanner } from "../frame/failure_page.tsx";
import { Field, PageHead, PostForm } from "../frame/parts.tsx";
import { Cell, LeadCell, Row, Table } from "../frame/table.tsx";
import { When } from "../frame/times.tsx";
import { NameField, type Refused } from "../frame/form.tsx";
import { page, type PageCall, type ShownPage, type Viewer } from "../page.ts";
import { PATHS, userKeysPath } from "../paths.ts";

const ROLE_WORDS: Readonly<Record<string, string>> = { admin: "Admin", member: "Member" };

export const peopleList = page({
  method: "GET",
  path: PATHS.people,
  who: "admin",
  action: "list people",
  answer: (call) => peoplePage(call),
});

/** `refused` is the rejected form, if any. */
export async function peoplePage(
  { needs: { store }, viewer }: Pick<PageCall<string>, "needs" | "viewer">,
  refused?: Refused,
): Promise<ShownPage> {
  const [users, keys] = await Promise.all([store.users.list(), store.keys.list("personal")]);
  const owned = Map.groupBy(keys, ({ user_id }) => user_id);
  return {
    title: "People",
    section: "people",
    content: (
      <>
        <PageHead title="People" />
        {refused?.faults.size === 0 ? <RefusedBanner problem={refused.problem} /> : null}
        <p class="intro">Admins can do everything. Members can view hosts, jobs and runs.</p>
        <Table caption="People" columns={["Name", "Role", "Added", "Keys", ""]}>
          {users.map((user) => (
            <UserRow
              user={user}
              keyCount={owned.get(user.id)?.length ?? 0}
              viewer={viewer}
            />
          ))}
        </Table>
        <h2>Add a person</h2>
        <PostForm to={PATHS.people} viewer={viewer} name="inline-form">
          <NameField id="name" label="Name" refused={refused} />
          <Field id="role" label="Role">
            <RoleSelect id="role" chosen={refused?.typed.get("role") ?? "member"} />
          </Field>
          <button type="submit">Add</button>
        </PostForm>
      </>
    ),
  };
}

function UserRow(
  { user, keyCount, viewer }: { user: UsersRow; keyCount: number; viewer: Viewer },
): JSX.Element {
  const id = `role-${user.id}`;
  return (
    <Row>
      <LeadCell of="Name">
        <strong>{user.name}</strong>{" "}
        {user.id === viewer.user.id ? <span class="quiet">you</span> : null}
      </LeadCell>
      <Cell of="Role">
        <PostForm to={`${PATHS.people}/${user.id}/role`} viewer={viewer} name="role-form">
          <label class="aloud" for={id}>{`Role of ${user.name}`}</label>
          <RoleSelect id={id} chosen={user.role} />
          <button type="submit" class="small">Change</button>
        </PostForm>
      </Cell>
      <Cell of="Added">
        <When at={user.created_at} />
      </Cell>
      <Cell of="Keys" kind="number">
        <a href={userKeysPath(user.id)}>
          {keyCount}
          <span class="aloud">{` keys of ${user.name}`}</span>
        </a>
      </Cell>
      <Cell of="" kind="act">
        <a class="button small" href={`${PATHS.people}/${user.id}/remove`}>
          Remove<span class="aloud">{` ${user.name}`}</span>
        </a>
      </Cell>
    </Row>
  );
}

function RoleSelect({ id, chosen }: { id: string; chosen: string }): JSX.Element {
  return (
    <select id={id} name="role">
      {ROLES.map((role) => (
        <option value={role} {...(role === chosen ? { selected: true } : {})}>
          {ROLE_WORDS[role]}
        </option>
      ))}
    </select>
  );
}
