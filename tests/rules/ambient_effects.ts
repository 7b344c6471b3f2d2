/** A lint rule: the product has effects through `lib/ports.ts` only, so that tests can replace them. */

/** Folders whose files may have effects directly. The assets run in a browser. */
const OPEN = [
  /\/lib\/system(\/|\.ts$)/,
  /\/control_plane\/pages\/assets\//,
  /\/tests\//,
  /\/tools\//,
];
/** The two entry points. */
const ENTRY_POINTS = [/\/mod\.ts$/, /\/control_plane\/mod\.ts$/];

const TIMERS = new Set(["setTimeout", "setInterval"]);
const CLOCKS = new Set(["Date.now", "performance.now", "Temporal.Now", "AbortSignal.timeout"]);

const plugin: Deno.lint.Plugin = {
  name: "effects",
  rules: {
    "through-ports": {
      create(context) {
        if (isOpen(context.filename)) return {};
        const report = (node: Deno.lint.Node, what: string) =>
          context.report({
            node,
            message: `${what} is an ambient effect`,
            hint: "Take a port from lib/ports.ts as a parameter",
          });
        return {
          MemberExpression(node) {
            const name = memberName(node);
            if (name.startsWith("Deno.")) report(node, name);
            if (CLOCKS.has(name)) report(node, name);
          },
          CallExpression(node) {
            if (node.callee.type !== "Identifier") return;
            const name = node.callee.name;
            if (name === "fetch" || TIMERS.has(name)) report(node, `${name}()`);
          },
          NewExpression(node) {
            if (node.callee.type !== "Identifier" || node.callee.name !== "Date") return;
            if (node.arguments.length === 0) report(node, "new Date()");
          },
        };
      },
    },
  },
};

/** Returns `a.b` for a member of a plain name, otherwise an empty string. */
function memberName(node: Deno.lint.MemberExpression): string {
  if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return "";
  return `${node.object.name}.${node.property.name}`;
}

function isOpen(filename: string): boolean {
  if (OPEN.some((pattern) => pattern.test(filename))) return true;
  const inRoom = /\/(commands|orchestrator|boundary|templates|lib)\//.test(filename);
  return !inRoom && ENTRY_POINTS.some((pattern) => pattern.test(filename));
}

export default plugin;
