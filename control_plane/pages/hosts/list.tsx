/** The list of hosts: state, agent types, active runs. */

import type { JSX } from "hono/jsx/jsx-runtime";
import type { Host } from "../../../lib/contract/host.ts";
import type { ActiveRun } from "../../store/runs/runs.ts";
import { allHosts } from "./all.ts";
import { Cell, LeadCell, Paging, Row, Table } from "../frame/table.tsx";
import { Empty, Live, PageHead } from "../frame/parts.tsx";
import { StateMark, STATUS_WORDS } from "../frame/status.tsx";
import { Age } from "../frame/times.tsx";
import { page, type Viewer } from "../page.ts";
import { PATHS, runPath, withQuery } from "../paths.ts";
import { AgentTypes, HostLink } from "./cells.tsx";
import { RegisterSteps } from "./register.tsx";
import { LastWarning, Machine } from "./report.tsx";

const A_PAGE = 100;

export const hostList = page({
  method: "GET",
  path: PATHS.hosts,
  who: "anyone signed in",
  action: "list hosts",
  async answer({ needs: { store }, query, viewer, origin, now }) {
    const cursor = query.get("cursor") || undefined;
    const { hosts, next_cursor } = await store.hosts.list({ limit: A_PAGE, cursor });
    const runs = Map.groupBy(await store.runs.active(), ({ host_id }) => host_id);
    return {
      title: "Hosts",
      section: "hosts",
      tables: ["hosts", "runs"],
      reloadSeconds: 30,
      content: (
        <>
          <PageHead title="Hosts">
            {viewer.isAdmin ? <a class="button" href={PATHS.newHost}>Register a host</a> : null}
          </PageHead>
          <Live id="hosts">
            {hosts.length > 0
              ? <HostTable hosts={hosts} runs={runs} now={now} />
              : cursor === undefined
              ? <NoHosts viewer={viewer} origin={origin} />
              : <NoneLeft />}
            <Paging path={PATHS.hosts} cursor={cursor} next={next_cursor} />
          </Live>
        </>
      ),
    };
  },
});

export const newHost = page({
  method: "GET",
  path: PATHS.newHost,
  who: "admin",
  action: "show how to register a host",
  async answer({ needs: { store }, origin }) {
    const taken = (await allHosts(store.hosts)).map(({ host_id }) => host_id);
    return {
      title: "Register a host",
      section: "hosts",
      content: (
        <>
          <PageHead title="Register a host" above={<a href={PATHS.hosts}>Hosts</a>} />
          <div class="prose">
            <RegisterSteps origin={origin} taken={taken} />
            <p>
              The host appears under <a href={PATHS.hosts}>Hosts</a>{" "}
              within seconds. Then you can create jobs for it.
            </p>
          </div>
        </>
      ),
    };
  },
});

function NoHosts({ viewer, origin }: { viewer: Viewer; origin: string }): JSX.Element {
  if (!viewer.isAdmin) {
    return (
      <Empty title="No host is registered yet">
        <p>Jobs run on your own Docker hosts. Ask an admin to register the first one.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No host is registered yet">
      <p>Jobs run on your own Docker hosts. To register the first one, follow these steps:</p>
      <RegisterSteps origin={origin} taken={[]} />
      <p class="quiet">The host then appears here.</p>
    </Empty>
  );
}

/** Shown on later pages of the list. */
function NoneLeft(): JSX.Element {
  return (
    <Empty title="No hosts on this page">
      <p>
        <a href={PATHS.hosts}>See all hosts</a>
      </p>
    </Empty>
  );
}

function HostTable(
  { hosts, runs, now }: {
    hosts: readonly Host[];
    runs: ReadonlyMap<string, readonly ActiveRun[]>;
    now: Date;
  },
): JSX.Element {
  const columns = ["Host", "State", "Agent types", "Active run", "Machine", "Last warning"];
  return (
    <Table caption="Registered hosts" columns={columns}>
      {hosts.map((host) => (
        <Row>
          <LeadCell of="Host">
            <HostLink id={host.host_id} look="id" />
            <p class="quiet id" title={onRecord(host)}>{onRecord(host)}</p>
          </LeadCell>
          <Cell of="State">
            <StateMark state={host.state} />
            <p class="quiet">
              {host.last_heartbeat_at === null
                ? "No heartbeat yet"
                : <Age at={host.last_heartbeat_at} now={now} />}
            </p>
          </Cell>
          <Cell of="Agent types">
            <AgentTypes types={host.managed_agents} />
          </Cell>
          <Cell of="Active run">
            <ActiveRuns hostId={host.host_id} runs={runs.get(host.host_id) ?? []} />
          </Cell>
          <Cell of="Machine" kind="number">
            <Machine host={host} />
          </Cell>
          <Cell of="Last warning">
            <LastWarning host={host} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

/** The orchestrator's version and the container engine. */
const onRecord = ({ version, engine }: Host): string => engine ? `${version} · ${engine}` : version;

function ActiveRuns(
  { hostId, runs }: { hostId: string; runs: readonly ActiveRun[] },
): JSX.Element {
  const [first, ...others] = runs;
  if (!first) return <span class="quiet">None</span>;
  return (
    <>
      <a href={runPath(first.id)}>{first.job_name}</a>{" "}
      <span class="quiet">{STATUS_WORDS[first.status].toLowerCase()}</span>
      {others.length === 0 ? null : (
        <p>
          <a href={withQuery(PATHS.runs, { host: hostId })}>{others.length} more</a>
        </p>
      )}
    </>
  );
}
