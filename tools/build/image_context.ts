/** The files of an image, laid out in a folder as they will lie below its root. */

import { dirname } from "node:path";
import { libraryClosure } from "./closure.ts";

const NOBODY = 65532;

const ACCOUNTS = {
  "etc/passwd":
    `root:x:0:0:root:/:/sbin/nologin\nbigeye:x:${NOBODY}:${NOBODY}:bigeye:/tmp:/sbin/nologin\n`,
  "etc/group": `root:x:0:\nbigeye:x:${NOBODY}:\n`,
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
};

/** Who the programs run as, unless the container says otherwise. */
export const IMAGE_USER: string = `${NOBODY}:${NOBODY}`;

/** Files to place, by path in the image (no leading slash) → path on this machine. */
export type Placed = Readonly<Record<string, string>>;

/** Places files, executable by everybody and writable by nobody. */
export async function place(root: string, files: Placed): Promise<void> {
  for (const [target, source] of Object.entries(files)) {
    const path = `${root}/${target}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.copyFile(source, path);
    await Deno.chmod(path, 0o555);
  }
}

/** Adds what an image from scratch lacks: the programs' libraries, accounts and a /tmp. */
export async function placeSystem(root: string, programs: readonly string[]): Promise<void> {
  const libraries = await libraryClosure(programs);
  await place(root, Object.fromEntries(libraries.map((path) => [path.slice(1), path])));
  for (const [target, text] of Object.entries(ACCOUNTS)) {
    await Deno.mkdir(dirname(`${root}/${target}`), { recursive: true });
    await Deno.writeTextFile(`${root}/${target}`, text, { mode: 0o444 });
  }
  await Deno.mkdir(`${root}/tmp`);
  await Deno.chmod(`${root}/tmp`, 0o1777);
}
