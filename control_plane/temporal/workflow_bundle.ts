/** The workflows as one script, made by the build: neither webpack nor swc is there at run time. */

/**
 * Reads the script that `./dev build` wrote to `dist/workflows.js`; the compiled binary carries it.
 * Pass it as `workflowBundle` to `Worker.create`.
 */
export async function workflowBundle(): Promise<{ code: string }> {
  const built = await import("../../dist/workflows.js", { with: { type: "text" } });
  return { code: built.default };
}
