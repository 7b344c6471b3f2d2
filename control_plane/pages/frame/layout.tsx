/** The frame of every page: navigation, notices and scripts. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { ICON, SCRIPT, STYLE } from "../assets/mod.ts";
import type { Section, ShownPage, Viewer } from "../page.ts";
import { PATHS } from "../paths.ts";
import { Mark, Shape, type ShapeName } from "./icons.tsx";
import { Banner, PostForm } from "./parts.tsx";

interface MenuItem {
  readonly section: Section & ShapeName;
  readonly words: string;
  readonly path: string;
}

const AGENTS: readonly MenuItem[] = [
  { section: "hosts", words: "Hosts", path: PATHS.hosts },
  { section: "jobs", words: "Jobs", path: PATHS.jobs },
  { section: "runs", words: "Runs", path: PATHS.runs },
];

const ACCOUNT: readonly MenuItem[] = [
  { section: "keys", words: "API keys", path: PATHS.keys },
];

/** Shown to admins only. */
const FOR_ADMINS: readonly MenuItem[] = [
  { section: "people", words: "People", path: PATHS.people },
  { section: "audit", words: "Audit", path: PATHS.audit },
];

export interface FrameProps extends Pick<ShownPage, "title" | "section" | "tables"> {
  /** Absent before sign-in. */
  readonly viewer: Viewer | undefined;
  readonly notice?: string | undefined;
  /** Without JavaScript: the URL to reload and after how many seconds. */
  readonly reload?: { readonly seconds: number; readonly to: string };
  readonly children: Child;
}

export function Layout(props: FrameProps): JSX.Element {
  const { title, section, viewer, notice, tables = [], reload, children } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Bigeye Agents`}</title>
        <link rel="icon" href={ICON.path} type={ICON.type} />
        <link rel="stylesheet" href={STYLE.path} />
        <script src={SCRIPT.path} defer></script>
        {reload === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={`${reload.seconds}; url=${reload.to}`} />
          </noscript>
        )}
      </head>
      <body class={viewer ? "inside" : "outside"}>
        <a class="skip" href="#main">Skip to content</a>
        {viewer ? <Bar viewer={viewer} /> : null}
        <div class="frame">
          {viewer ? <Menu section={section} viewer={viewer} /> : null}
          <main
            id="main"
            tabindex={-1}
            {...(tables.length > 0 ? { "data-tables": tables.join(" ") } : {})}
          >
            {notice === undefined ? null : (
              <div id="notice">
                <Banner kind="good">{notice}</Banner>
              </div>
            )}
            {children}
          </main>
        </div>
      </body>
    </html>
  );
}

function Bar({ viewer }: { viewer: Viewer }): JSX.Element {
  return (
    <header class="bar">
      <a class="brand" href={PATHS.hosts}>
        <Mark />
        <span>Bigeye</span>
      </a>
      <p class="where" aria-hidden="true">Settings</p>
      <div class="me">
        <span class="who">
          {viewer.user.name} <span class="role">{viewer.user.role}</span>
        </span>
        <PostForm to={PATHS.signOut} viewer={viewer}>
          <button type="submit" class="plain">Sign out</button>
        </PostForm>
      </div>
    </header>
  );
}

function Menu(
  { section, viewer }: { section: Section | undefined; viewer: Viewer },
): JSX.Element {
  const account = viewer.isAdmin ? [...ACCOUNT, ...FOR_ADMINS] : ACCOUNT;
  return (
    <nav class="menu" aria-label="Settings">
      <MenuGroup words="Agents" items={AGENTS} section={section} />
      <MenuGroup words="Account" items={account} section={section} />
    </nav>
  );
}

function MenuGroup(
  { words, items, section }: {
    words: string;
    items: readonly MenuItem[];
    section: Section | undefined;
  },
): JSX.Element {
  return (
    <>
      <h2>{words}</h2>
      <ul>
        {items.map((item) => (
          <li>
            <a href={item.path} {...(item.section === section ? { "aria-current": "page" } : {})}>
              <Shape name={item.section} /> {item.words}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
