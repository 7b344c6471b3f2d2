/** API keys: one's own, and for admins those of the account. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { KnownKey } from "../../store/mod.ts";
import { Field, PageHead, PostForm } from "../frame/parts.tsx";
import { page, type Viewer } from "../page.ts";
import { PATHS } from "../paths.ts";
import { KeyTable } from "./table.tsx";

export const keyList = page({
  method: "GET",
  path: PATHS.keys,
  who: "anyone signed in",
  action: "list keys",
  async answer({ needs: { store }, viewer, now }) {
    const own = await store.keys.list({ userId: viewer.user.id });
    const account = viewer.isAdmin ? await store.keys.list("account") : undefined;
    return {
      title: "API keys",
      section: "keys",
      content: (
        <>
          <PageHead title="API keys" />
          <h2>Yours</h2>
          <p class="intro">They sign you in here, and scripts to the REST interface, as you.</p>
          <KeyTable caption="Your personal keys" keys={own} viewer={viewer} now={now} />
          <MakeForm viewer={viewer} kinds={[["personal", "Personal"]]} id="personal" />
          {account === undefined ? null : <AccountKeys keys={account} viewer={viewer} now={now} />}
        </>
      ),
    };
  },
});

function AccountKeys(
  { keys, viewer, now }: { keys: readonly KnownKey[]; viewer: Viewer; now: Date },
): JSX.Element {
  return (
    <>
      <h2>Of the account</h2>
      <p class="intro">
        Agent keys are for hosts: <code>register</code>{" "}
        asks for one. Integration keys are for External Monitors.
      </p>
      {keys.length === 0
        ? <p class="quiet">There is none yet.</p>
        : <KeyTable caption="Keys of the account" keys={keys} viewer={viewer} now={now} />}
      <MakeForm
        viewer={viewer}
        kinds={[["agent", "Agent"], ["integration", "Integration"]]}
        id="account"
      />
    </>
  );
}

function MakeForm(
  { viewer, kinds, id }: {
    viewer: Viewer;
    kinds: readonly (readonly [kind: string, words: string])[];
    id: string;
  },
): JSX.Element {
  return (
    <PostForm to={PATHS.keys} viewer={viewer} name="inline-form">
      <Field id={`${id}-name`} label="Name of a new key">
        <input id={`${id}-name`} name="name" required maxlength={200} autocomplete="off" />
      </Field>
      {kinds.length === 1
        ? <input type="hidden" name="kind" value={kinds[0]?.[0] ?? ""} />
        : (
          <Field id={`${id}-kind`} label="Kind">
            <select id={`${id}-kind`} name="kind">
              {kinds.map(([kind, words]) => <option value={kind}>{words}</option>)}
            </select>
          </Field>
        )}
      <button type="submit">Make key</button>
    </PostForm>
  );
}
