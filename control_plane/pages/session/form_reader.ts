/** Reads form submissions within limits of size, time and concurrency. */

import type { Clock } from "../../../lib/ports.ts";
import {
  formsBusy,
  formTooManyFields,
  formUnreadable,
  tooManyForms,
} from "../../../lib/problems/pages.ts";
import { bodyText } from "../../http/body.ts";
import { networkOf } from "../../http/rate_limit.ts";

/** Four times the largest form with every field full. */
export const FORM_BYTES = 65_536;
const FORM_MS = 10_000;
/** Each field costs an object or two; the job form has thirty. */
const MOST_FIELDS = 200;
/** Concurrent forms per network without a session, or per key with sessions. */
const MOST_OF_ONE = 16;
const MOST_OF_ALL = 128;

/**
 * Reads the fields of a form. Call it only after checking the form's origin.
 * @throws `form_unreadable`, `form_too_many_fields`, `too_many_forms`, `forms_busy`, and what `bodyText`
 * throws.
 */
export type ReadForm = (sent: SentForm) => Promise<URLSearchParams>;

interface SentForm {
  readonly request: Request;
  /** The sender's IP address. */
  readonly from: string | undefined;
  /** Absent without a session. */
  readonly viewer: { readonly keyId: string } | undefined;
}

export function formReader(clock: Clock): ReadForm {
  const [strangers, viewers] = [places(), places()];
  return async ({ request, from = "unknown", viewer }) => {
    const type = request.headers.get("content-type") ?? "";
    if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) throw formUnreadable(type);
    const place = viewer ? viewers.take(viewer.keyId) : strangers.take(networkOf(from));
    try {
      const limits = { bytes: FORM_BYTES, ms: FORM_MS, cut: place.lost };
      return fieldsOf(await bodyText(request, clock, limits));
    } finally {
      place.leave();
    }
  };
}

/** Counts the fields before parsing them. @throws `form_too_many_fields`. */
export function fieldsOf(text: string): URLSearchParams {
  let fields = 1;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) fields++;
  if (fields > MOST_FIELDS) throw formTooManyFields(MOST_FIELDS);
  return new URLSearchParams(text);
}

interface Place {
  leave(): void;
  /** Rejects when the place is given to another form. */
  readonly lost: Promise<never>;
}

/**
 * Places for forms that are being read. When all are taken, the oldest form loses its place. If the new one
 * were refused instead, a client with forms that never end could lock out everyone behind the same proxy.
 */
function places(): { take(name: string): Place } {
  /** In the order of arrival. */
  const taken = new Set<{ readonly name: string; lose(reason: Error): void }>();
  return {
    take(name) {
      const ofName = [...taken].filter((place) => place.name === name);
      if (ofName.length >= MOST_OF_ONE) ofName[0]?.lose(tooManyForms());
      else if (taken.size >= MOST_OF_ALL) [...taken][0]?.lose(formsBusy());
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => {});
      const leave = () => taken.delete(place);
      const place = {
        name,
        lose(reason: Error) {
          leave();
          lost.reject(reason);
        },
      };
      taken.add(place);
      return { leave, lost: lost.promise };
    },
  };
}
