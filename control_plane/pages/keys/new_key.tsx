/** A key that was just made: the only page that ever shows it. */

import { Banner, Copyable, PageHead } from "../frame/parts.tsx";
import type { Section, ShownPage } from "../page.ts";
import type { Secret } from "../../../lib/crypto/secret.ts";

export function newKeyPage(
  { title, key, use, back, section }: {
    title: string;
    key: Secret;
    /** What it is good for. */
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
        <Banner kind="note">Copy the key now. It is never shown again, to anybody.</Banner>
        <Copyable text={key.reveal()} />
        <p class="after">{use}</p>
        <p class="after">
          <a class="button" href={back.path}>I have copied it</a>
        </p>
      </div>
    ),
  };
}
