/** A response that tells when its body has ended, how, and after how many bytes. */

import { reasonOf } from "../lib/problem.ts";

/** Called once: when the body was read to its end, broke (`broken` says why), or nobody wanted more of it. */
export type Ended = (bytes: number, broken?: string) => void;

/**
 * The same response with its body counted. Each piece is passed on as it comes and only when it is asked for; a
 * broken body stays broken, so that a cut stream never looks like one that ended.
 */
export function metered(response: Response, ended: Ended): Response {
  if (response.body === null) {
    ended(0);
    return response;
  }
  const reader = response.body.getReader();
  let bytes = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          ended(bytes);
          controller.close();
          return;
        }
        bytes += value.byteLength;
        controller.enqueue(value);
      } catch (error) {
        ended(bytes, reasonOf(error));
        controller.error(error);
      }
    },
    async cancel(reason) {
      ended(bytes, "the client left");
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(body, { status: response.status, headers: response.headers });
}
