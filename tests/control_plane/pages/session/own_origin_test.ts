/** Sign-in behind reverse proxies that rewrite the Host header. */

import assert from "node:assert/strict";
import { wordsOf } from "../../../fakes/control_plane/html.ts";
import { type TestPages, testPages } from "../../../fakes/control_plane/pages.ts";

interface Sent {
  /** The header of the browser. */
  readonly origin: string;
  /** The header as it reaches the control plane. */
  readonly host: string;
  /** Absent if the proxy does not report the browser's scheme. */
  readonly proto?: string;
}

async function signIn(pages: TestPages, { origin, host, proto }: Sent): Promise<Response> {
  return await pages.fetch(
    new Request("http://127.0.0.1:8080/sign-in", {
      method: "POST",
      headers: { origin, host, ...(proto === undefined ? {} : { "x-forwarded-proto": proto }) },
      body: new URLSearchParams({ key: pages.keys.admin }),
    }),
  );
}

async function words(answer: Response): Promise<string> {
  const [, main = ""] = /<main[^>]*>(.*)<\/main>/s.exec(await answer.text()) ?? [];
  return wordsOf(main);
}

Deno.test("a sign-in works however a proxy writes the same address", async () => {
  await using pages = await testPages();
  const cases: Sent[] = [
    // With the default port of the scheme.
    { origin: "https://plane.example.com", host: "plane.example.com:443", proto: "https" },
    { origin: "https://plane.example.com", host: "plane.example.com:443" },
    { origin: "http://plane.example.com", host: "plane.example.com:80", proto: "http" },
    { origin: "http://plane.example.com", host: "plane.example.com:80" },
    // With capitals, which browsers do not send in Origin.
    { origin: "https://plane.example.com", host: "Plane.Example.COM", proto: "https" },
    { origin: "https://plane.example.com", host: "PLANE.EXAMPLE.COM:443", proto: "HTTPS" },
    { origin: "https://plane.example.com:8443", host: "Plane.example.com:8443", proto: "https" },
    // The same name or address in another notation.
    { origin: "https://xn--bro-hoa.example", host: "xn--BRO-hoa.example:0443", proto: "https" },
    { origin: "http://[2001:db8::1]:8080", host: "[2001:DB8:0:0::1]:8080" },
    { origin: "http://[::1]", host: "[0:0:0:0:0:0:0:1]:80" },
    { origin: "http://127.0.0.1:8080", host: "127.0.0.1:8080" },
    // Behind two proxies, the first scheme is the browser's.
    { origin: "https://plane.example.com", host: "plane.example.com:443", proto: "https, http" },
  ];
  for (const sent of cases) {
    const answer = await signIn(pages, sent);
    assert.deepEqual([sent, answer.status, answer.headers.get("location")], [
      sent,
      303,
      "/settings/agents/hosts",
    ]);
  }
});

// Attacker: a page on another port, name or scheme of the same machine submits a form with the user's cookies.
Deno.test("a form of another port, name or scheme is refused", async () => {
  await using pages = await testPages();
  const cases: Sent[] = [
    { origin: "https://plane.example.com:444", host: "plane.example.com:443", proto: "https" },
    { origin: "https://plane.example.com:80", host: "plane.example.com:443", proto: "https" },
    { origin: "http://plane.example.com", host: "plane.example.com:443", proto: "https" },
    { origin: "http://plane.example.com", host: "plane.example.com:443" },
    { origin: "http://plane.example.com:443", host: "plane.example.com:443", proto: "https" },
    { origin: "https://example.com", host: "plane.example.com", proto: "https" },
    { origin: "https://plane.example.com.evil.test", host: "plane.example.com", proto: "https" },
    { origin: "ftp://plane.example.com", host: "plane.example.com" },
    { origin: "null", host: "plane.example.com", proto: "https" },
    { origin: "", host: "plane.example.com", proto: "https" },
  ];
  for (const sent of cases) {
    const answer = await signIn(pages, sent);
    assert.deepEqual([sent, answer.status, answer.headers.get("set-cookie")], [sent, 403, null]);
    await answer.body?.cancel();
  }
});

Deno.test("if a proxy drops the port, the error page says which port and what to set", async () => {
  await using pages = await testPages();
  const dropped = { origin: "https://plane.example.com:8443", host: "plane.example.com" };
  for (const proto of ["https", "http"]) {
    const answer = await signIn(pages, { ...dropped, proto });
    assert.deepEqual([answer.status, await words(answer)], [
      403,
      'Not allowed Cannot accept this form: it was sent from "https://plane.example.com:8443", but ' +
      "the Host header has no port 8443. Let the proxy in between pass the Host header " +
      'on unchanged: in nginx, "proxy_set_header Host $http_host;".',
    ]);
  }
});

Deno.test("if a proxy replaces the host name, the error page shows the name", async () => {
  await using pages = await testPages();
  const sent = { origin: "https://plane.example.com", host: "127.0.0.1:8080", proto: "https" };
  assert.equal(
    await words(await signIn(pages, sent)),
    'Not allowed Cannot accept this form: it was sent from "https://plane.example.com", but this ' +
      'site is "https://127.0.0.1:8080". Without a proxy, open the page at ' +
      '"https://127.0.0.1:8080". Let a proxy in between ' +
      'pass the Host header on unchanged: in nginx, "proxy_set_header Host $http_host;".',
  );
});

Deno.test("the sign-in leads back to the page behind a proxy that adds the port", async () => {
  await using pages = await testPages();
  const page = "https://plane.example.com/settings/agents/jobs?host=h-1";
  const answer = await pages.fetch(
    new Request("http://127.0.0.1:8080/settings/agents/jobs/x/runs", {
      method: "POST",
      headers: {
        host: "Plane.example.com:443",
        origin: "https://plane.example.com",
        referer: page,
        "x-forwarded-proto": "https",
      },
    }),
  );
  assert.equal(
    answer.headers.get("location"),
    `/sign-in?next=${encodeURIComponent("/settings/agents/jobs?host=h-1")}`,
  );
});
