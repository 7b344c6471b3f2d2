/** Icons in the text's colour. They repeat the words next to them, so screen readers skip them. */

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

function Icon({ children, size = 16 }: { children: Child; size?: number }): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/** Shapes of the statuses, which differ in outline and not only in colour. */
const SHAPES = {
  queued: <circle cx="8" cy="8" r="5.5" stroke-dasharray="2.2 2.2" />,
  running: (
    <>
      <circle cx="8" cy="8" r="5.5" opacity="0.35" />
      <path d="M8 2.5a5.5 5.5 0 0 1 5.5 5.5" />
    </>
  ),
  succeeded: <path d="M3 8.5l3.4 3.4L13 4.6" />,
  failed: <path d="M4 4l8 8M12 4l-8 8" />,
  timed_out: (
    <>
      <path d="M4.5 2.5h7M4.5 13.5h7" />
      <path d="M5 2.5c0 3.5 3 3.7 3 5.5s-3 2-3 5.5M11 2.5c0 3.5-3 3.7-3 5.5s3 2 3 5.5" />
    </>
  ),
  canceled: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M4.2 11.8l7.6-7.6" />
    </>
  ),
  skipped: (
    <>
      <path d="M2 11c.6-4 2.9-6 5.6-6 2.5 0 4.4 1.7 5.4 4.4M13.7 5.4l-.6 4.2-4-.9" />
      <path d="M7.6 12h.1" />
    </>
  ),
  online: <circle cx="8" cy="8" r="4.5" fill="currentColor" stroke="none" />,
  late: <path d="M8 2.5l6 10.5H2z" />,
  draining: <path d="M8 2.5v7M4.8 6.6L8 9.8l3.2-3.2M3.5 13.2h9" />,
  offline: <rect x="3.5" y="3.5" width="9" height="9" rx="1" />,
  warning: (
    <>
      <path d="M8 2.2l6.2 11.3H1.8z" />
      <path d="M8 6.6v3M8 11.6v.1" />
    </>
  ),
  hosts: (
    <>
      <rect x="2" y="2.5" width="12" height="4.5" rx="1" />
      <rect x="2" y="9" width="12" height="4.5" rx="1" />
      <path d="M4.5 4.75h.1M4.5 11.25h.1" />
    </>
  ),
  jobs: (
    <>
      <rect x="2.5" y="3" width="11" height="10.5" rx="1.5" />
      <path d="M5.5 6.5h5M5.5 9.5h3" />
    </>
  ),
  runs: <path d="M5 3.2l7.5 4.8L5 12.8z" />,
  people: (
    <>
      <circle cx="8" cy="5.5" r="2.75" />
      <path d="M2.75 13.5c.5-2.7 2.6-4 5.25-4s4.75 1.3 5.25 4" />
    </>
  ),
  keys: (
    <>
      <circle cx="5.25" cy="10.75" r="2.75" />
      <path d="M7.3 8.7l5.7-5.7M10.5 5.5l2 2" />
    </>
  ),
  audit: <path d="M3.5 3.5h9M3.5 6.5h9M3.5 9.5h9M3.5 12.5h5" />,
} as const;

export type ShapeName = keyof typeof SHAPES;

export function Shape({ name, size }: { name: ShapeName; size?: number }): JSX.Element {
  return <Icon {...(size === undefined ? {} : { size })}>{SHAPES[name]}</Icon>;
}

/** The product's logo. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 4.5c5 0 8.7 4 10.5 7.5-1.8 3.5-5.5 7.5-10.5 7.5S3.3 15.5 1.5 12C3.3 8.5 7 4.5 12 4.5z" />
      <circle cx="12" cy="12" r="4.25" />
      <circle cx="12" cy="12" r="1.6" />
    </svg>
  );
}
