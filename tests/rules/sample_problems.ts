/** One sample of each Problem of the catalogue. */

import { Problem } from "../../lib/problems/problem.ts";

const CATALOGUE = new URL("../../lib/problems/", import.meta.url);

export interface SampleProblem {
  /** The file and the function that creates it. */
  readonly place: string;
  readonly problem: Problem;
}

export async function sampleProblems(): Promise<readonly SampleProblem[]> {
  const samples: SampleProblem[] = [];
  for (const { name: file } of Deno.readDirSync(CATALOGUE)) {
    const factories: Record<string, unknown> = await import(new URL(file, CATALOGUE).href);
    for (const [name, factory] of Object.entries(factories)) {
      if (typeof factory !== "function" || factory === Problem) continue;
      const problem: unknown = factory(...sampleArguments(factory.length));
      if (problem instanceof Problem) {
        samples.push({ place: `lib/problems/${file} ${name}`, problem });
      }
    }
  }
  return samples.toSorted((a, b) => a.place.localeCompare(b.place));
}

/** Returns values that work as text, list and object, so that every message can be rendered. */
function sampleArguments(count: number): unknown[] {
  const sample: unknown = new Proxy([], {
    get: (target, key) => {
      if (key === Symbol.toPrimitive || key === "toString") return () => "sample";
      const own = Reflect.get(target, key);
      return own === undefined && typeof key === "string" ? sample : own;
    },
  });
  return Array.from({ length: Math.max(count, 3) }, () => sample);
}
