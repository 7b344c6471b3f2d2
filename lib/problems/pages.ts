/** Problems of requests from a browser to the pages. */

import { Problem } from "./problem.ts";

export function signInRefused(): Problem {
  return new Problem({
    code: "sign_in_refused",
    message: "Cannot sign you in: this is not a Personal API Key of the account",
    hint: "Paste the whole key, or ask an admin of the account for one",
    exit: "denied",
    status: 401,
  });
}

export function tooManyAttempts(seconds: number): Problem {
  return new Problem({
    code: "too_many_attempts",
    message: "Cannot sign you in: too many wrong keys came from your address",
    hint: `Try again in ${seconds} s`,
    exit: "denied",
    status: 429,
    retryable: true,
  });
}

export function adminRequired(action: string): Problem {
  return new Problem({
    code: "admin_required",
    message: `Cannot ${action}: you are a member, and only admins may do this`,
    hint: "Ask an admin of the account to do it",
    exit: "denied",
  });
}

const PASS_HOST =
  'pass the Host header on unchanged: in nginx, "proxy_set_header Host $http_host;"';

/** `origin` is the sender that the browser names, `own` the origin that the request was sent to. */
export function formForeign(origin: string, own: string): Problem {
  return new Problem({
    code: "form_foreign",
    message: `Cannot accept this form: it was sent from "${origin}", but this site is "${own}"`,
    hint: `Without a proxy, open the page at "${own}". Let a proxy in between ${PASS_HOST}`,
    exit: "denied",
  });
}

export function formPortDropped(origin: string, port: string): Problem {
  return new Problem({
    code: "form_foreign",
    message: `Cannot accept this form: it was sent from "${origin}", but the Host header has ` +
      `no port ${port}`,
    hint: `Let the proxy in between ${PASS_HOST}`,
    exit: "denied",
  });
}

export function formOutdated(): Problem {
  return new Problem({
    code: "form_outdated",
    message: "Cannot accept this form: it was opened in another session",
    hint: "Check the values and submit the form again",
    exit: "denied",
  });
}

export function formUnreadable(type: string): Problem {
  return new Problem({
    code: "form_unreadable",
    message: `Cannot read a form of type "${type}"`,
    hint: "Submit the form on its page",
    exit: "usage",
    status: 415,
  });
}

export function formTooManyFields(most: number): Problem {
  return new Problem({
    code: "form_too_many_fields",
    message: `Cannot accept this form: it has more than ${most} fields`,
    hint: "Submit the form on its page",
    exit: "usage",
    status: 413,
  });
}

/** The session has ended, and the sign-in page would have to keep the form. */
export function formNotKept(): Problem {
  return new Problem({
    code: "form_not_kept",
    message: "Cannot keep this form while you sign in: it is too long",
    hint: "Sign in in another window, then come back here and submit the form again",
    exit: "usage",
    status: 413,
  });
}

export function tooManyForms(): Problem {
  return new Problem({
    code: "too_many_forms",
    message: "Cannot accept this form: you or your network sent too many others at the same time",
    hint: "Go back and submit it again",
    exit: "denied",
    status: 429,
    retryable: true,
  });
}

export function formsBusy(): Problem {
  return new Problem({
    code: "forms_busy",
    message: "Cannot accept this form: the control plane is reading too many others",
    hint: "Go back and submit it again",
    exit: "failed",
    status: 503,
    retryable: true,
  });
}

/** `name` is the job that the form created when it was submitted before. */
export function jobAlreadyCreated(name: string): Problem {
  return new Problem({
    code: "job_already_created",
    message: `Cannot create this job yet: this form has already created job "${name}"`,
    hint: "Submit it again to create a second job",
    exit: "conflict",
  });
}

/** The message does not name the key, which may belong to another user. */
export function keyAlreadyMade(): Problem {
  return new Problem({
    code: "key_already_made",
    message: "Cannot create the key twice: this form has already created one, which was shown once",
    hint: "If you did not copy it, revoke it and create another one",
    exit: "conflict",
  });
}

export function pageUnknown(path: string): Problem {
  return new Problem({
    code: "page_unknown",
    message: `Cannot find a page at "${path}"`,
    hint: "Check the address",
    exit: "usage",
    status: 404,
  });
}

/** The browser has opened too many streams of changes. */
export function tooManyStreams(most: number): Problem {
  return new Problem({
    code: "too_many_streams",
    message: `Cannot follow changes in more than ${most} windows of one session`,
    hint: "Close some windows, or reload this page to see changes",
    exit: "denied",
    status: 429,
    retryable: true,
  });
}
