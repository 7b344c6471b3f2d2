/** How pages word durations and ages. */

import assert from "node:assert/strict";
import { ageInWords, durationInWords } from "../../../../control_plane/pages/frame/times.tsx";

Deno.test("a duration is shown in its two largest adjacent units", () => {
  const spans = [-5, 400, 12_000, 72_000, 3_600_000, 3_612_000, 90_061_000, 86_400_000];
  assert.deepEqual(
    spans.map(durationInWords),
    [
      "0 s",
      "under 1 s",
      "12 s",
      "1 min 12 s",
      "1 h",
      "1 h",
      "1 d 1 h",
      "1 d",
    ],
  );
});

Deno.test("an age is shown in its largest unit", () => {
  const now = new Date("2026-01-02T00:00:00Z");
  const ages = ["2026-01-02T00:00:01Z", "2026-01-01T23:59:15Z", "2026-01-01T00:00:00Z"];
  assert.deepEqual(ages.map((at) => ageInWords(at, now)), ["just now", "45 s ago", "1 d ago"]);
});
