/** The sign-in page, which takes a Personal API Key. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Mark } from "../frame/icons.tsx";
import { Banner, described, Field } from "../frame/parts.tsx";
import { PATHS } from "../paths.ts";
import { SENT_FIELD } from "./form.ts";

export interface SignInProps {
  /** The page to open after sign-in. */
  readonly next: string;
  /** A form that was submitted there after the session had ended. */
  readonly sent?: string | undefined;
  readonly error?: string | undefined;
  readonly notice?: string | undefined;
}

export function SignInContent({ next, sent, error, notice }: SignInProps): JSX.Element {
  const hint = (
    <>
      It starts with <code>bigeye_pak_</code>. An admin of the account can create one for you.
    </>
  );
  return (
    <div class="sign-in">
      <p class="brand">
        <Mark /> <span>Bigeye</span>
      </p>
      <h1>Sign in to Agents</h1>
      {notice === undefined ? null : <Banner kind="good">{notice}</Banner>}
      {sent === undefined ? null : (
        <Banner kind="warn">
          Your session has ended, and the form was not saved. Sign in, and the form is shown again
          as you filled it in.
        </Banner>
      )}
      <form method="post" action={PATHS.signIn}>
        <input type="hidden" name="next" value={next} />
        {sent === undefined ? null : <input type="hidden" name={SENT_FIELD} value={sent} />}
        <Field id="key" label="Personal API Key" hint={hint} error={error}>
          <input
            id="key"
            name="key"
            type="password"
            autocomplete="current-password"
            required
            autofocus
            {...described("key", { hint: true, error })}
          />
        </Field>
        <button type="submit" class="primary wide">Sign in</button>
      </form>
      <p class="hint">
        The control plane printed the first admin's key when it started for the first time. If the
        key is lost, run <code>bigeye-control-plane admin-key</code> on its machine.
      </p>
    </div>
  );
}
