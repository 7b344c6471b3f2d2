/** A body that tells when it has ended, how, and after how many bytes. */

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Called once: when the body was read to its end, was not wanted any more, or broke; then with the `error`. */
export type Ended = (bytes: number, error?: unknown) => void;

/**
 * The same body, counted. Each piece is passed on as it comes and only when it is asked for; a broken body stays
 * broken, so that a cut stream never looks like one that ended.
 */
export function metered(body: Bytes, ended: Ended): Bytes {
  const reader = body.getReader();
  let bytes = 0;
  let isOpen = true;
  const end = (error?: unknown): boolean => {
    if (!isOpen) return false; // canceled while a read was under way, which then ends as well
    isOpen = false;
    ended(bytes, error);
    return true;
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          if (end()) controller.close();
          return;
        }
        bytes += value.byteLength;
        controller.enqueue(value);
      } catch (error) {
        if (end(error)) controller.error(error);
      }
    },
    async cancel(reason) {
      end(reason ?? new Error("canceled"));
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
