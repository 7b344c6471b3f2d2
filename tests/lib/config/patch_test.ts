/** Our keys are written into the operator's file without changing any other byte. */

import assert from "node:assert/strict";
import { parseConfig } from "../../../lib/config/parse.ts";
import type { Change } from "../../../lib/config/patch.ts";
import { withChanges } from "../../../lib/config/store.ts";
import { Problem } from "../../../lib/problems/problem.ts";

const REGISTERED: readonly Change[] = [
  { path: ["docker_compose_enabled"], value: true },
  { path: ["orchestrator", "host_id"], value: "prod-1" },
  { path: ["orchestrator", "temporal"], value: { address: "t:7233", namespace: "n" } },
];

function patched(text: string, changes: readonly Change[] = REGISTERED): string {
  const path = "/host/bigeye_agent.yml";
  return withChanges({ path, text, config: parseConfig(text, path) }, changes).text;
}

const OURS = `docker_compose_enabled: true
orchestrator:
  host_id: prod-1
  temporal: { address: t:7233, namespace: n }
`;

/** The file before and after the patch. */
const CASES: Readonly<Record<string, readonly [string, string]>> = {
  "an empty file": ["", OURS],
  "remarks only": ["# mine\n", `# mine\n${OURS}`],
  "a file without a last line end": ["a: 1", `a: 1\n${OURS}`],
  "remarks, odd spaces, quotes, hex and blank lines": [
    `# head\n\n\nbigeye:   {url:   'https://b.test'}   # where\nmask: 0x1F\n\n\nagents:\n- type: "lineage"   # first\n# tail\n`,
    `# head\n\n\nbigeye:   {url:   'https://b.test'}   # where\nmask: 0x1F\n\n\nagents:\n- type: "lineage"   # first\n# tail\n${OURS}`,
  ],
  "a block of ours that is half there": [
    "orchestrator:   # ours\n    image: x/y:1   # pinned\n    # about the next\nother: 1\n",
    "orchestrator:   # ours\n    image: x/y:1   # pinned\n    host_id: prod-1\n    temporal: { address: t:7233, namespace: n }\n    # about the next\nother: 1\ndocker_compose_enabled: true\n",
  ],
  "values that are there and differ": [
    'docker_compose_enabled: false # off\norchestrator:\n  host_id: "old"  # was\n  temporal:\n    address: o:1\n    namespace: x\n\nz: 1\n',
    "docker_compose_enabled: true # off\norchestrator:\n  host_id: prod-1  # was\n  temporal: { address: t:7233, namespace: n }\n\nz: 1\n",
  ],
  "an empty block of ours": [
    "orchestrator: # later\nz: 1\n",
    "orchestrator: { temporal: { address: t:7233, namespace: n }, host_id: prod-1 } # later\nz: 1\ndocker_compose_enabled: true\n",
  ],
  "a block of ours in one line": [
    "orchestrator: {image: x/y}\n",
    "orchestrator: { temporal: { address: t:7233, namespace: n }, host_id: prod-1,image: x/y}\ndocker_compose_enabled: true\n",
  ],
  "Windows line ends": [
    "a: 1\r\nb: 2\r\n",
    `a: 1\r\nb: 2\r\n${OURS.replaceAll("\n", "\r\n")}`,
  ],
  "a byte order mark": ["\uFEFFa: 1\n", `\uFEFFa: 1\n${OURS}`],
  "a byte order mark alone": ["\uFEFF", `\uFEFF${OURS}`],
  "a byte order mark before our own key": [
    "\uFEFForchestrator:\r\n  image: x/y:1\r\n",
    "\uFEFForchestrator:\r\n  image: x/y:1\r\n  host_id: prod-1\r\n" +
    "  temporal: { address: t:7233, namespace: n }\r\ndocker_compose_enabled: true\r\n",
  ],
  "a block of ours that a merge key fills": [
    "o: &o {host_id: old, image: x/y}\norchestrator:\n  <<: *o\n",
    "o: &o {host_id: old, image: x/y}\norchestrator:\n  <<: *o\n  host_id: prod-1\n" +
    "  temporal: { address: t:7233, namespace: n }\ndocker_compose_enabled: true\n",
  ],
  "a text block at the end": ["note: |\n  one\n  two\n", `note: |\n  one\n  two\n${OURS}`],
};

for (const [name, [before, after]] of Object.entries(CASES)) {
  Deno.test(`patching ${name} changes only our keys`, () => {
    assert.equal(patched(before), after);
    assert.equal(patched(after), after);
  });
}

Deno.test("a file whose layout does not allow our keys is not changed, and the lines to add are named", () => {
  assert.throws(() => patched("a: 1\n...\n"), (thrown) => {
    assert(thrown instanceof Problem);
    assert.equal(thrown.code, "config_not_patchable");
    assert.deepEqual(thrown.details[1], { message: 'orchestrator.host_id: "prod-1"' });
    return true;
  });
});
