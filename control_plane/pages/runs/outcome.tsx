/** The outcome of a run, with what the reader can do about a failure. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ConnectionResult, Run } from "../../../lib/contract/run.ts";
import { Copyable, Prose } from "../frame/parts.tsx";
import { Shape } from "../frame/icons.tsx";
import { REASONS } from "./reasons.ts";

export function Outcome({ run }: { run: Run }): JSX.Element | null {
  if (run.reason === null && run.message === null && run.connections.length === 0) return null;
  return (
    <section class="outcome">
      <What run={run} />
      {run.connections.length === 0 ? null : <Connections of={run.connections} />}
      {run.reason === null ? null : (
        <>
          <h2>What to do next</h2>
          <ul class="prose">
            {REASONS[run.reason].next.map((order) => (
              <li>
                <Prose text={order} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function What({ run }: { run: Run }): JSX.Element | null {
  if (run.reason === null) return <Said message={run.message} />;
  return (
    <>
      <h2>What happened</h2>
      <p class="what">
        {REASONS[run.reason].says}
        {run.exit_code === null ? "" : ` (exit code ${run.exit_code})`}.
      </p>
      {run.message === null ? null : <pre class="message" tabindex={0}>{run.message}</pre>}
    </>
  );
}

/** What the agent said of its success. */
function Said({ message }: { message: string | null }): JSX.Element | null {
  if (message === null) return null;
  return (
    <>
      <h2>Result</h2>
      <pre class="message" tabindex={0}>{message}</pre>
    </>
  );
}

/** Failed connections first, because they are what the reader looks for. */
function Connections({ of }: { of: readonly ConnectionResult[] }): JSX.Element {
  const failed = of.filter(({ status }) => status === "failed");
  const ordered = [...failed, ...of.filter(({ status }) => status !== "failed")];
  return (
    <>
      <h2>Connections</h2>
      <p class="quiet">{failed.length} of {of.length} failed.</p>
      <ul class="connections">
        {ordered.map((connection) => (
          <li>
            <p>
              <span class={`mark-word ${connection.status}`}>
                <Shape name={connection.status} />
                {connection.status === "failed" ? "Failed" : "Succeeded"}
              </span>{" "}
              <strong>{connection.name}</strong> <span class="quiet">{connection.connector}</span>
            </p>
            {connection.errors.length === 0
              ? null
              : <pre class="message" tabindex={0}>{connection.errors.join("\n")}</pre>}
            {connection.log === undefined ? null : (
              <div class="log">
                <span class="quiet">Log on the host</span>
                <Copyable text={connection.log} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
