/** The page that shows a failure: what is wrong and what to do next. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problem } from "../../../lib/problems/problem.ts";
import { PATHS, runPath } from "../paths.ts";
import { Banner, PageHead } from "./parts.tsx";

interface WayOut {
  readonly words: string;
  readonly link?: { readonly words: string; readonly path: string };
}

/** Hints for readers of pages, where those of the Problem address callers of REST. */
function wayOut({ code, hint, details }: Problem): WayOut {
  const runId = details.find(({ path }) => path === "run_id")?.message;
  if ((code === "run_already_active" || code === "job_has_active_run") && runId !== undefined) {
    return {
      words: "Wait for the run to end, or cancel it first.",
      link: { words: "Open the active run", path: runPath(runId) },
    };
  }
  return WAYS_OUT[code] ?? { words: `${hint}.` };
}

const HOSTS = { words: "See all hosts", path: PATHS.hosts };
const JOBS = { words: "See all jobs", path: PATHS.jobs };
const RUNS = { words: "See all runs", path: PATHS.runs };
const PEOPLE = { words: "See all people", path: PATHS.people };
const KEYS = { words: "See your keys", path: PATHS.keys };

const WAYS_OUT: Readonly<Record<string, WayOut>> = {
  host_not_found: { words: "It may have been removed.", link: HOSTS },
  job_not_found: { words: "It may have been deleted.", link: JOBS },
  run_not_found: { words: "It may be older than the retention period.", link: RUNS },
  user_not_found: { words: "The user may have been removed.", link: PEOPLE },
  api_key_not_found: { words: "It may have been revoked.", link: KEYS },
  last_admin: { words: "Make another user an admin first.", link: PEOPLE },
  host_not_eligible: {
    words:
      "Edit the job to choose another host, or add the agent to bigeye_agent.yml on this host " +
      'and run "./bigeye-agent sync" there.',
    link: JOBS,
  },
  run_not_active: { words: "It has already ended.", link: RUNS },
  form_outdated: { words: "Go back, reload the page and submit the form again." },
  invalid_input: { words: "Go back and correct it, or choose a page from the menu." },
  // Without a session the page has no menu; the link leads to the sign-in.
  page_unknown: { words: "Check the address, or start from the list of hosts.", link: HOSTS },
  rate_limited: { words: "Wait a few seconds, then reload the page." },
  body_too_large: { words: "Go back and shorten it." },
  body_too_slow: { words: "Go back and submit it again." },
  body_cut_off: { words: "Go back and submit it again." },
};

/** The same above a form that is still shown; without links, which would discard what was typed. */
export function RefusedBanner({ problem }: { problem: Problem }): JSX.Element {
  const { hint, message } = problem;
  const words = problem.code === "form_outdated" ? `${hint}.` : wayOut(problem).words;
  return <Banner kind="bad">{`${message}. ${words}`}</Banner>;
}

export function FailureContent({ problem }: { problem: Problem }): JSX.Element {
  const { words, link } = wayOut(problem);
  return (
    <div class="failure">
      <PageHead title={titleOf(problem)} />
      <p class="what">{problem.message}.</p>
      <p>{words}</p>
      {link
        ? (
          <p>
            <a class="button" href={link.path}>{link.words}</a>
          </p>
        )
        : null}
    </div>
  );
}

export function titleOf({ status, code }: Problem): string {
  if (status === 413) return "Too large";
  if (status === 404) return "Not found";
  if (status === 403) return "Not allowed";
  if (status === 409 || code === "host_not_eligible") return "Not possible now";
  if (status === 429) return "Too many requests";
  return status >= 500 ? "Something went wrong" : "Invalid request";
}
