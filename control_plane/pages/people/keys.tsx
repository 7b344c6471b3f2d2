/** The API keys of one user, for admins. */

import { PageHead } from "../frame/parts.tsx";
import { KeyTable } from "../keys/table.tsx";
import { page } from "../page.ts";
import { PATHS } from "../paths.ts";

export const theirKeys = page({
  method: "GET",
  path: `${PATHS.people}/:id/keys`,
  who: "admin",
  action: "list a user's keys",
  async answer({ needs: { store }, params: { id }, viewer, now }) {
    const { name } = await store.users.get(id);
    const keys = await store.keys.list({ userId: id });
    const title = `Keys of ${name}`;
    return {
      title,
      section: "people",
      content: (
        <>
          <PageHead title={title} above={<a href={PATHS.people}>People</a>} />
          {keys.length === 0
            ? <p class="quiet">{name} has no keys and cannot sign in.</p>
            : <KeyTable caption={title} keys={keys} viewer={viewer} now={now} />}
        </>
      ),
    };
  },
});
