/** A local image as a registry holds it: a manifest, and blobs named by their hash. */

import { run } from "../../../tools/cli/run.ts";
import { sha256 } from "../../../tools/setup/cache.ts";

export interface Layout {
  /** Where the blobs lie; whoever asked for it removes it. */
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
/** So that Docker shows progress on it: 1 % of a layer is the smallest step that it tells. */
const NEW_LAYER_BYTES = 2_000_000;

/**
 * Takes an image out of the engine, and lays upon it a layer of noise that no engine has seen before:
 * one whose layers are there already, by whatever name, would not be downloaded.
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
  delete config.history; // optional, and it would have to tell of the new layer
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(config));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: `${DOCKER}.distribution.manifest.v2+json`,
    config: await hold(`${folder}/config.json`, "container.image.v1+json"),
    layers,
  });
  return { folder, manifest, digest: digestOf(new TextEncoder().encode(manifest)), blobs };
}

/** A layer with one file of random bytes. */
async function noise(folder: string): Promise<string> {
  const bytes = new Uint8Array(NEW_LAYER_BYTES);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536)); // no more at a time
  }
  await Deno.writeFile(`${folder}/noise`, bytes);
  await run(["tar", "-cf", `${folder}/noise.tar`, "-C", folder, "noise"]);
  return `${folder}/noise.tar`;
}

const digestOf = (bytes: Uint8Array): string => `sha256:${sha256(bytes)}`;
