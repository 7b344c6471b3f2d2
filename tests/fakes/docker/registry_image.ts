/** A local image in the layout of a registry: a manifest, and blobs by their digest. */

import { run } from "../../../tools/cli/run.ts";
import { sha256 } from "../../../tools/setup/cache.ts";

export interface Layout {
  /** The folder of the blobs. The caller removes it. */
  readonly folder: string;
  readonly manifest: string;
  readonly digest: string;
  /** Digest → file. */
  readonly blobs: ReadonlyMap<string, string>;
}

interface Blob {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
}

const DOCKER = "application/vnd.docker";
/** Large enough for Docker to report progress, which it does in steps of 1 % of a layer. */
const NEW_LAYER_BYTES = 2_000_000;

/**
 * Saves an image from the engine and adds a layer of random bytes, because the engine does not download
 * layers that it has.
 */
export async function savedImage(image: string): Promise<Layout> {
  const folder = await Deno.makeTempDir();
  const archive = `${folder}/archive.tar`;
  await run(["docker", "save", "--output", archive, image]);
  await run(["tar", "-xf", archive, "-C", folder]);
  await Deno.remove(archive);
  const [saved] = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`));

  const blobs = new Map<string, string>();
  const hold = async (path: string, kind: string): Promise<Blob> => {
    const bytes = await Deno.readFile(path);
    const digest = digestOf(bytes);
    blobs.set(digest, path);
    return { mediaType: `${DOCKER}.${kind}`, size: bytes.length, digest };
  };
  const layers: Blob[] = [];
  for (
    const path of [...saved.Layers.map((name: string) => `${folder}/${name}`), await noise(folder)]
  ) {
    layers.push(await hold(path, "image.rootfs.diff.tar.gzip"));
  }
  const config = JSON.parse(await Deno.readTextFile(`${folder}/${saved.Config}`));
  // Layers are kept unpacked, so that each one's digest is also that of its content.
  config.rootfs.diff_ids = layers.map(({ digest }) => digest);
  delete config.history; // optional, and it lacks the new layer
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(config));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: `${DOCKER}.distribution.manifest.v2+json`,
    config: await hold(`${folder}/config.json`, "container.image.v1+json"),
    layers,
  });
  return { folder, manifest, digest: digestOf(new TextEncoder().encode(manifest)), blobs };
}

/** Creates a layer with one file of random bytes. */
async function noise(folder: string): Promise<string> {
  const bytes = new Uint8Array(NEW_LAYER_BYTES);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536)); // the limit of one call
  }
  await Deno.writeFile(`${folder}/noise`, bytes);
  await run(["tar", "-cf", `${folder}/noise.tar`, "-C", folder, "noise"]);
  return `${folder}/noise.tar`;
}

const digestOf = (bytes: Uint8Array): string => `sha256:${sha256(bytes)}`;
