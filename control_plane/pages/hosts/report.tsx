/** The report of a host's last heartbeat, and the warnings derived from it. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Host } from "../../../lib/contract/host.ts";
import { durationInWords, When } from "../frame/times.tsx";
import { Banner } from "../frame/parts.tsx";

const GIB = 2 ** 30;
/** An image and a run's logs need this much; with less, runs fail with a full disk. */
const LITTLE_DISK = 5 * GIB;
/** Beyond this skew the host's timestamps are misleading. */
const MUCH_SKEW_MS = 30_000;

/** Disk and clock in a table cell. */
export function Machine({ host: { report } }: { host: Host }): JSX.Element {
  const { diskFreeBytes: disk, clockSkewMs: skew } = report ?? {};
  if (disk === undefined && skew === undefined) return <span class="quiet">Not reported yet</span>;
  return (
    <>
      {disk === undefined ? null : `${gib(disk)} free`}
      {skew === undefined ? null : <p class="quiet">Clock {briefSkewInWords(skew)}</p>}
    </>
  );
}

/** The start of the host's last warning; the host's page shows all of it. */
export function LastWarning({ host: { report } }: { host: Host }): JSX.Element {
  if (report?.complaint === undefined) return <span class="quiet">None</span>;
  const { at, message } = report.complaint;
  return (
    <>
      <When at={at} />
      <p class="quiet begun" title={message}>{message}</p>
    </>
  );
}

export function reportFacts({ report }: Host): (readonly [string, Child])[] {
  if (!report) return [];
  const { diskFreeBytes: disk, clockSkewMs: skew } = report;
  return [
    ...(disk === undefined ? [] : [["Disk free", gib(disk)] as const]),
    ...(skew === undefined ? [] : [["Clock", skewInWords(skew)] as const]),
  ];
}

export function HostWarnings({ host: { report } }: { host: Host }): JSX.Element | null {
  if (!report) return null;
  const { diskFreeBytes: disk, clockSkewMs: skew, complaint } = report;
  return (
    <>
      {disk !== undefined && disk < LITTLE_DISK
        ? (
          <Banner kind="warn">
            Only {gib(disk)} of disk space is free. Remove old images on the host:{" "}
            <code>docker image prune</code>
          </Banner>
        )
        : null}
      {skew !== undefined && Math.abs(skew) > MUCH_SKEW_MS
        ? (
          <Banner kind="warn">
            The host's clock is {skewInWords(skew)}. Correct it, because its runs show wrong times.
          </Banner>
        )
        : null}
      {complaint === undefined ? null : (
        <Banner kind="warn">
          <p>
            Last warning of the orchestrator, on <When at={complaint.at} />:
          </p>
          <pre tabindex={0}>{complaint.message}</pre>
        </Banner>
      )}
    </>
  );
}

const gib = (bytes: number): string =>
  bytes < 10 * GIB ? `${(bytes / GIB).toFixed(1)} GiB` : `${Math.round(bytes / GIB)} GiB`;

function skewInWords(ms: number): string {
  if (isInSync(ms)) return "In sync with Bigeye";
  return `${durationInWords(Math.abs(ms))} ${ms > 0 ? "ahead of" : "behind"} Bigeye's`;
}

function briefSkewInWords(ms: number): string {
  if (isInSync(ms)) return "in sync";
  return `${durationInWords(Math.abs(ms))} ${ms > 0 ? "ahead" : "behind"}`;
}

const isInSync = (ms: number): boolean => Math.abs(ms) < 2_000;
