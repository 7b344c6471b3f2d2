/** The components that pages are built from. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Viewer } from "../page.ts";
import { TOKEN_FIELD } from "../session/form.ts";
import { Shape } from "./icons.tsx";

/** Heading of a page, with its actions. */
export function PageHead(
  { title, above, beside, children }: {
    title: Child;
    /** Link to the parent page. */
    above?: Child;
    beside?: Child;
    children?: Child;
  },
): JSX.Element {
  return (
    <div class="page-head">
      {above ? <p class="above">{above}</p> : null}
      <div class="page-title">
        <h1>{title}</h1>
        {beside ?? null}
        {children ? <div class="actions">{children}</div> : null}
      </div>
    </div>
  );
}

/** A POST form with the CSRF token. `id` lets a button elsewhere on the page submit it. */
export function PostForm(
  { to, viewer, children, name }: {
    to: string;
    viewer: Pick<Viewer, "formToken">;
    children: Child;
    name?: string;
  },
): JSX.Element {
  return (
    <form method="post" action={to} {...(name === undefined ? {} : { class: name })}>
      <input type="hidden" name={TOKEN_FIELD} value={viewer.formToken} />
      {children}
    </form>
  );
}

/** A labelled field with hint and error, linked to the control by id. */
export function Field(
  { id, label, hint, error, children }: {
    id: string;
    label: string;
    hint?: Child;
    error?: string | undefined;
    children: Child;
  },
): JSX.Element {
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={id}>{label}</label>
      {hint ? <p class="hint" id={`${id}-hint`}>{hint}</p> : null}
      {children}
      {error
        ? (
          <p class="error" id={`${id}-error`}>
            <Shape name="warning" /> {error}
          </p>
        )
        : null}
    </div>
  );
}

/** The ARIA attributes that link a control to its hint and error. */
export function described(
  id: string,
  { hint, error }: { hint?: boolean; error?: string | undefined },
): Record<string, string> {
  const ids = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return {
    ...(ids === "" ? {} : { "aria-describedby": ids }),
    ...(error ? { "aria-invalid": "true" } : {}),
  };
}

/** An empty state with the next step. */
export function Empty({ title, children }: { title: string; children: Child }): JSX.Element {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A command or path to copy; the script adds the button. */
export function Copyable({ text }: { text: string }): JSX.Element {
  return (
    <div class="copyable">
      <pre tabindex={0}>{text}</pre>
    </div>
  );
}

/** Text in which backticks mark code. */
export function Prose({ text }: { text: string }): JSX.Element {
  return (
    <>
      {text.split("`").map((part, index) => index % 2 === 1 ? <code>{part}</code> : part)}
    </>
  );
}

/** A description list of names and values. */
export function Facts({ of }: { of: readonly (readonly [string, Child])[] }): JSX.Element {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A live region: the script replaces it when its data changes. */
export function Live({ id, children }: { id: string; children: Child }): JSX.Element {
  return <div id={id} data-live>{children}</div>;
}

/** Announces changes to screen readers. The element itself must stay, so only its content is replaced. */
export function Aloud({ children }: { children: Child }): JSX.Element {
  return <div role="status">{children}</div>;
}

/** An error at the top of the page. */
export function Banner(
  { kind, children }: { kind: "good" | "bad" | "warn" | "note"; children: Child },
): JSX.Element {
  return (
    <div class={`banner ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <Shape name={kind === "good" ? "succeeded" : "warning"} />
      <div>{children}</div>
    </div>
  );
}
