/** The imports between the files of the product, with types, from `deno info`. */

export const ROOT = new URL("../..", import.meta.url);

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** The entry of the workflow bundle. */
export const WORKFLOWS = "control_plane/workflows/mod.ts";
/** The bundle calls it in place of the Temporal SDK's own loader (tools/build/plugins.ts). */
const ADDON_LOADER = "lib/temporal/addon.ts";
export const ENTRY_POINTS = ["mod.ts", "control_plane/mod.ts", WORKFLOWS, ADDON_LOADER];

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** Returns all imports in files that an entry point reaches, of values and types. */
export async function importEdges(): Promise<Edge[]> {
  const graphs = await Promise.all(ENTRY_POINTS.map(moduleGraph));
  const edges = graphs.flat().filter(isOurs).flatMap(({ specifier, dependencies = [] }) =>
    dependencies.map((dependency) => ({
      from: pathOf(specifier),
      to: importedPath(dependency),
    }))
  );
  return [...new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge])).values()];
}

export async function moduleGraph(entry: string): Promise<readonly ModuleInfo[]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(entry, ROOT).pathname],
    cwd: ROOT.pathname,
    stderr: "null",
  });
  const { stdout } = await command.output();
  const { modules }: { modules: readonly ModuleInfo[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  return modules;
}

const isOurs = ({ specifier }: ModuleInfo): boolean =>
  specifier.startsWith(ROOT.href) && !specifier.includes("/node_modules/");

const pathOf = (specifier: string): string => specifier.slice(ROOT.href.length);

function importedPath(
  { specifier, code, type }: NonNullable<ModuleInfo["dependencies"]>[number],
): string {
  const target = code?.specifier ?? type?.specifier ?? specifier;
  return target.startsWith(ROOT.href) ? pathOf(target) : specifier;
}

/** Returns the groups of files that import each other, directly or indirectly. */
export function circles(edges: readonly Edge[]): string[][] {
  const imports = new Map(
    [...Map.groupBy(edges, ({ from }) => from)].map(([from, own]) => [from, own.map((e) => e.to)]),
  );
  const reach = new Map([...imports.keys()].map((file) => [file, reachedFrom(file, imports)]));
  const groups = [...reach].filter(([file, reached]) => reached.has(file)).map(([file, reached]) =>
    [...reached].filter((other) => reach.get(other)?.has(file)).toSorted()
  );
  return [...new Map(groups.map((group) => [group.join(" "), group])).values()].toSorted();
}

function reachedFrom(
  file: string,
  imports: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const reached = new Set(imports.get(file));
  for (const next of reached) for (const to of imports.get(next) ?? []) reached.add(to);
  return reached;
}
