/** A lock file for real: the kernel lets go of it when the process ends, however it ends. */

/** Takes the lock, and makes the file if there is none; nothing when another process has it. */
export async function systemLockFile(path: string): Promise<Disposable | undefined> {
  const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}
