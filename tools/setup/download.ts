/** Vendors' own downloads, which a closed network refuses at once. */

/** How long a vendor may take to answer before the other way is taken. */
const ANSWER_MS = 10_000;
const WHOLE_MS = 300_000;

/** The bytes at `url`, or `undefined` when they cannot be had from here. */
export async function download(url: string): Promise<Uint8Array | undefined> {
  const tooLong = new AbortController();
  let timer = setTimeout(() => tooLong.abort(), ANSWER_MS);
  try {
    const answer = await fetch(url, { signal: tooLong.signal });
    clearTimeout(timer);
    timer = setTimeout(() => tooLong.abort(), WHOLE_MS);
    if (answer.ok) return await answer.bytes();
    await answer.body?.cancel();
    return undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
