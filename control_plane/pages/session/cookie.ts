/** The cookie that holds a session's token. */

import { LIFE_MS } from "../../store/people/sessions.ts";
import { isHttps } from "./own_origin.ts";

const NAME = "bigeye_session";
/** A browser takes this name only with Secure, this very host and the whole path (RFC 6265bis, 4.1.3). */
const HTTPS_NAME = `__Host-${NAME}`;

const nameFor = (isHttps: boolean): string => isHttps ? HTTPS_NAME : NAME;

export function tokenIn(request: Request): string | undefined {
  const name = nameFor(isHttps(request));
  const cookies = request.headers.get("cookie")?.split(";") ?? [];
  const pairs = cookies.map((pair) => pair.trim().split("="));
  return pairs.find(([key]) => key === name)?.[1] || undefined;
}

/** A `Set-Cookie` that sets the token, or takes it away. */
export function sessionCookie(request: Request, token: string | undefined): string {
  const secure = isHttps(request);
  const age = token === undefined ? 0 : LIFE_MS / 1000;
  return `${nameFor(secure)}=${token ?? ""}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax` +
    (secure ? "; Secure" : "");
}
