/** A folder of its own for one test. */

/** Runs the test in a fresh folder, which is removed afterwards whatever happens. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
