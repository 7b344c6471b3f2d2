/** Every Problem of the catalogue, made with values that pass for anything. */

import { Problem } from "../../lib/problems/problem.ts";

const CATALOGUE = new URL("../../lib/problems/", import.meta.url);

export interface SampleProblem {
  /** File and factory. */
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

/** A value that passes for a text, a list, a number and an object: enough to render any message. */
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
