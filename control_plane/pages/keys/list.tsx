/** The list of API keys: the viewer's own, and for admins the account's. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { KnownKey } from "../../store/mod.ts";
import { RefusedBanner } from "../frame/failure_page.tsx";
import { Field, PageHead, PostForm } from "../frame/parts.tsx";
import { NameField, NewId, type Refused } from "../frame/form.tsx";
import { page, type PageCall, type ShownPage, type Viewer } from "../page.ts";
import { PATHS } from "../paths.ts";
import { KeyTable } from "./table.tsx";

export const keyList = page({
  method: "GET",
  path: PATHS.keys,
  who: "anyone signed in",
  action: "list keys",
  answer: (call) => keysPage(call),
});

/** `refused` is the rejected form, if any. */
export async function keysPage(
  { needs: { store }, viewer, now }: Pick<PageCall<string>, "needs" | "viewer" | "now">,
  refused?: Refused,
): Promise<ShownPage> {
  const own = await store.keys.list({ userId: viewer.user.id });
  const account = viewer.isAdmin ? await store.keys.list("account") : undefined;
  const around = { viewer, refused };
  return {
    title: "API keys",
    section: "keys",
    content: (
      <>
        <PageHead title="API keys" />
        {refused?.faults.size === 0 ? <RefusedBanner problem={refused.problem} /> : null}
        <h2>Your keys</h2>
        <p class="intro">
          Use these keys to sign in here, and in scripts that call the REST interface as you.
        </p>
        <KeyTable caption="Your personal keys" keys={own} viewer={viewer} now={now} />
        <MakeForm {...around} kinds={[["personal", "Personal"]]} id="personal" />
        {account === undefined ? null : <AccountKeys {...around} keys={account} now={now} />}
      </>
    ),
  };
}

interface Around {
  readonly viewer: Viewer;
  readonly refused: Refused | undefined;
}

function AccountKeys(
  { keys, viewer, refused, now }: Around & { keys: readonly KnownKey[]; now: Date },
): JSX.Element {
  return (
    <>
      <h2>Account keys</h2>
      <p class="intro">
        <code>bigeye-agent register</code>{" "}
        asks for an Agent API Key. External Monitors use an Integration API Key.
      </p>
      {keys.length === 0
        ? <p class="quiet">No account keys yet.</p>
        : <KeyTable caption="Keys of the account" keys={keys} viewer={viewer} now={now} />}
      <MakeForm
        viewer={viewer}
        refused={refused}
        kinds={[["agent", "Agent"], ["integration", "Integration"]]}
        id="account"
      />
    </>
  );
}

function MakeForm(
  { viewer, refused, kinds, id }: Around & {
    kinds: readonly (readonly [kind: string, words: string])[];
    id: string;
  },
): JSX.Element {
  const chosen = refused?.typed.get("kind") ?? "";
  const own = kinds.some(([kind]) => kind === chosen) ? refused : undefined;
  return (
    <PostForm to={PATHS.keys} viewer={viewer} name="inline-form">
      <NewId sent={own?.typed} problem={own?.problem} />
      <NameField id={`${id}-name`} label="Name of the new key" refused={own} />
      {kinds.length === 1
        ? <input type="hidden" name="kind" value={kinds[0]?.[0] ?? ""} />
        : (
          <Field id={`${id}-kind`} label="Kind">
            <select id={`${id}-kind`} name="kind">
              {kinds.map(([kind, words]) => (
                <option value={kind} {...(kind === chosen ? { selected: true } : {})}>
                  {words}
                </option>
              ))}
            </select>
          </Field>
        )}
      <button type="submit">Create key</button>
    </PostForm>
  );
}
