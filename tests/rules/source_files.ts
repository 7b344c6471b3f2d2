/** The files that the rules check. */

import { ROOT } from "./import_graph.ts";

/** The folders of the product. */
export const ROOMS = [
  "commands",
  "orchestrator",
  "boundary",
  "control_plane",
  "templates",
  "lib",
] as const;

/** Returns the files of the product, relative to the project. */
export function productFiles(): string[] {
  return ["mod.ts", ...ROOMS.flatMap((room) => filesBelow(room))];
}

/** Returns the TypeScript files of a folder and its folders. */
export function filesBelow(folder: string): string[] {
  const files: string[] = [];
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...filesBelow(path));
    else if (/\.tsx?$/.test(entry.name)) files.push(path);
  }
  return files.toSorted();
}

export const textOf = (path: string): string => Deno.readTextFileSync(new URL(path, ROOT));
