/** The first page: a Personal API Key opens the others. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { Mark } from "../frame/icons.tsx";
import { Banner, described, Field } from "../frame/parts.tsx";
import { PATHS } from "../paths.ts";

export function SignInContent(
  { next, error, notice }: {
    /** Where to go then. */
    next: string;
    error?: string;
    notice?: string | undefined;
  },
): JSX.Element {
  const hint = (
    <>
      It begins with <code>bigeye_pak_</code>. Another admin of the account can make one for you.
    </>
  );
  return (
    <div class="sign-in">
      <p class="brand">
        <Mark /> <span>Bigeye</span>
      </p>
      <h1>Sign in to Agents</h1>
      {notice === undefined ? null : <Banner kind="good">{notice}</Banner>}
      <form method="post" action={PATHS.signIn}>
        <input type="hidden" name="next" value={next} />
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
        The control plane printed the first admin's key when it started for the first time.
      </p>
    </div>
  );
}
