/** Creates and revokes API keys. */

import { NewPersonalKeySchema } from "../../../lib/contract/users.ts";
import type { Secret } from "../../../lib/crypto/secret.ts";
import { adminRequired } from "../../../lib/problems/pages.ts";
import { notFound } from "../../../lib/problems/rest.ts";
import { newApiKey } from "../../http/authentication.ts";
import { checked } from "../../http/body.ts";
import type { KnownKey, Store } from "../../store/mod.ts";
import type { KeyScope } from "../../store/people/keys.ts";
import { newIdIn, refusedFor } from "../frame/form.tsx";
import { Banner, Copyable, PageHead, PostForm } from "../frame/parts.tsx";
import { page, type PageCall, type Section, type ShownPage, type Viewer } from "../page.ts";
import { PATHS, userKeysPath } from "../paths.ts";
import { keysPage } from "./list.tsx";

const BACK = { words: "API keys", path: PATHS.keys };
const ACCOUNT_USES: Readonly<Record<string, string>> = {
  agent: "Enter it on a host when bigeye-agent register asks for an Agent API Key.",
  integration: "Enter it in the settings of External Monitors on the host.",
};

export const makeKey = page({
  method: "POST",
  path: PATHS.keys,
  who: "anyone signed in",
  action: "create a key",
  answer: (call) => made(call),
  redisplay: (call, problem) => keysPage(call, refusedFor(problem, call.form)),
});

async function made(
  { needs: { store }, form, viewer, by }: PageCall<string>,
): Promise<ShownPage> {
  const named = checked(NewPersonalKeySchema, { name: form.get("name") ?? "" });
  const kind = form.get("kind");
  const id = newIdIn(form);
  if (kind === "agent" || kind === "integration") {
    if (!viewer.isAdmin) throw adminRequired("create an account key");
    const { key, hash } = newApiKey(kind);
    await store.keys.add({ ...named, kind, hash }, by, { id });
    const use = ACCOUNT_USES[kind] ?? "";
    return newKeyPage({
      title: `Key ${named.name} created`,
      key,
      use,
      back: BACK,
      section: "keys",
    });
  }
  const { key, hash } = newApiKey("personal");
  await store.keys.add({ ...named, kind: "personal", userId: viewer.user.id, hash }, by, { id });
  const use = "Keep it secret: with this key, others can sign in as you.";
  return newKeyPage({ title: `Key ${named.name} created`, key, use, back: BACK, section: "keys" });
}

const REVOKE = `${PATHS.keys}/:id/revoke` as const;

export const askRevoke = page({
  method: "GET",
  path: REVOKE,
  who: "anyone signed in",
  action: "revoke a key",
  async answer({ needs: { store }, params: { id }, viewer }) {
    const { key } = await revocable(store, { id, viewer });
    const list = await listOf(key, { store, viewer });
    return {
      title: `Revoke ${key.name}`,
      section: list.section,
      content: (
        <div class="narrow">
          <PageHead title={`Revoke ${key.name}?`} above={<a href={list.path}>{list.words}</a>} />
          <Banner kind="note">
            {key.kind === "personal"
              ? "Requests with this key will be refused, and sessions that began with it are signed out."
              : "Requests of hosts and tools that use this key will be refused."}
          </Banner>
          <PostForm to={`${PATHS.keys}/${id}/revoke`} viewer={viewer} name="deciding">
            <button type="submit" class="danger">Revoke the key</button>
            <a class="button" href={list.path}>Keep it</a>
          </PostForm>
        </div>
      ),
    };
  },
});

export const revokeKey = page({
  method: "POST",
  path: REVOKE,
  who: "anyone signed in",
  action: "revoke a key",
  async answer({ needs: { store }, params: { id }, viewer, by }) {
    const { key, scope } = await revocable(store, { id, viewer });
    const { path } = await listOf(key, { store, viewer });
    await store.keys.remove(id, scope, by);
    return { goTo: path, done: "key_revoked" };
  },
});

/** The page that lists the key; another user's keys are on that user's page. */
async function listOf(
  { user_id }: KnownKey,
  { store, viewer }: { store: Pick<Store, "users">; viewer: Viewer },
): Promise<{ words: string; path: string; section: Section }> {
  if (user_id === null || user_id === viewer.user.id) return { ...BACK, section: "keys" };
  const { name } = await store.users.get(user_id);
  return { words: `Keys of ${name}`, path: userKeysPath(user_id), section: "people" };
}

/** Users may revoke their own keys, admins all keys. Other users' keys are 404, so that their existence stays hidden. */
async function revocable(
  { keys }: Pick<Store, "keys">,
  { id, viewer }: { id: string; viewer: Viewer },
): Promise<{ key: KnownKey; scope: KeyScope }> {
  const scopes: KeyScope[] = viewer.isAdmin
    ? ["account", "personal"]
    : [{ userId: viewer.user.id }];
  for (const scope of scopes) {
    const key = (await keys.list(scope)).find((one) => one.id === id);
    if (key) return { key, scope };
  }
  throw notFound("API key", id);
}

export function newKeyPage(
  { title, key, use, back, section }: {
    title: string;
    key: Secret;
    /** What the key may do. */
    use: string;
    back: { readonly words: string; readonly path: string };
    section: Section;
  },
): ShownPage {
  return {
    title,
    section,
    content: (
      <div class="narrow">
        <PageHead title={title} above={<a href={back.path}>{back.words}</a>} />
        <Banner kind="note">Copy the key now. It is not shown again.</Banner>
        <Copyable text={key.reveal()} />
        <p class="after">{use}</p>
        <p class="after">
          <a class="button" href={back.path}>I have copied it</a>
        </p>
      </div>
    ),
  };
}
