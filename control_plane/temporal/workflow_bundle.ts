/** The bundled workflows. The build makes the bundle, because neither webpack nor swc exists at run time. */

/**
 * Loads `dist/workflows.js`, which `./dev build` writes and the compiled binary embeds. Pass the result as
 * `workflowBundle` to `Worker.create`.
 */
export async function workflowBundle(): Promise<{ code: string }> {
  const built = await import("../../dist/workflows.js", { with: { type: "text" } });
  return { code: built.default };
}
