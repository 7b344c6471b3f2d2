/** An image registry on loopback for pulls over plain HTTP (Registry HTTP API v2). */

import { delay } from "../../harness/time/wait.ts";
import { type Layout, savedImage } from "./registry_image.ts";

/**
 * The first part of a repository's name decides how it is served:
 * `private/…` 401 · `limited/…` 429 · `slow/…` each blob takes {@linkcode SLOW_MS} ·
 * others at once, or 404.
 */
export interface Registry extends AsyncDisposable {
  /** Host and port, with which all references begin. */
  readonly host: string;
  /** Serves a local image as `<host>/<repository>:1`. Returns that reference. */
  publish(image: string, repository: string): Promise<string>;
}

/** Longer than the 5 s after which a host reports the progress of a pull. */
export const SLOW_MS = 6_000;
const PIECES = 100;

type Refusal = readonly [status: number, code: string, words: string];
const UNAUTHORIZED: Refusal = [401, "UNAUTHORIZED", "authentication required"];
const REFUSALS: Readonly<Record<string, Refusal>> = {
  private: UNAUTHORIZED,
  limited: [429, "TOOMANYREQUESTS", "You have reached your pull rate limit"],
};

/** The login of a closed registry. */
export const ACCOUNT = { user: "host", password: "opens" } as const;

/** Starts a registry. A `closed` one requires the login {@linkcode ACCOUNT}, like a company's registry. */
export function openRegistry(
  { closed = false }: { readonly closed?: boolean } = {},
): Registry {
  const images = new Map<string, Layout>();
  const folders: string[] = [];
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, signal: closing.signal },
    (request) =>
      closed && !hasLogin(request) ? askForLogin() : answer(images, new URL(request.url).pathname),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    host,
    async publish(image, repository) {
      const saved = await savedImage(image);
      // A repository that is published again keeps the folder of its former image too.
      folders.push(saved.folder);
      images.set(repository, saved);
      return `${host}/${repository}:1`;
    },
    async [Symbol.asyncDispose]() {
      closing.abort(); // the engine keeps its connections open
      await server.finished;
      for (const folder of folders) await Deno.remove(folder, { recursive: true });
    },
  };
}

async function answer(images: ReadonlyMap<string, Layout>, path: string): Promise<Response> {
  if (path === "/v2/") return Response.json({});
  const [, repository = "", kind, reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
  const [steer = ""] = repository.split("/", 1);
  const refused = REFUSALS[steer];
  if (refused) return refusal(...refused);

  const image = images.get(repository);
  if (!image) return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
  if (kind === "manifests") return manifestOf(image, reference);
  const blob = image.blobs.get(reference);
  if (blob === undefined) return refusal(404, "BLOB_UNKNOWN", "blob unknown to registry");
  const bytes = await Deno.readFile(blob);
  return new Response(steer === "slow" ? inPieces(bytes) : bytes, {
    headers: { "content-length": String(bytes.length) },
  });
}

function manifestOf({ manifest, digest }: Layout, reference: string): Response {
  if (reference !== "1" && reference !== digest) {
    return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
  }
  return new Response(manifest, {
    headers: {
      "content-type": "application/vnd.docker.distribution.manifest.v2+json",
      "docker-content-digest": digest,
    },
  });
}

function hasLogin({ headers }: Request): boolean {
  const login = btoa(`${ACCOUNT.user}:${ACCOUNT.password}`);
  return headers.get("authorization") === `Basic ${login}`;
}

function askForLogin(): Response {
  const { status, body } = refusal(...UNAUTHORIZED);
  return new Response(body, { status, headers: { "www-authenticate": 'Basic realm="registry"' } });
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ errors: [{ code, message }] }, { status });
}

/** Sends the bytes in pieces over {@linkcode SLOW_MS}, like a slow network. */
function inPieces(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const length = Math.ceil(bytes.length / PIECES);
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(bytes.subarray(at, at += length));
      if (at >= bytes.length) return controller.close();
      await delay(SLOW_MS / PIECES).done;
    },
  });
}
