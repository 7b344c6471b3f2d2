/** The files whose text the rules read. */

import { ROOT } from "./import_graph.ts";

const ROOMS = [
  "commands",
  "orchestrator",
  "boundary",
  "control_plane",
  "templates",
  "lib",
] as const;

/** All of the product's, as paths relative to the project. */
export function productFiles(): string[] {
  return ["mod.ts", ...ROOMS.flatMap((room) => filesBelow(room))];
}

/** The TypeScript files of a folder. */
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
