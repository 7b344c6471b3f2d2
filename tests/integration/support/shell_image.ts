/** Builds images for tests on a real engine from programs of this machine, so that no registry is needed. */

export interface ShellImage {
  /** Absolute paths of programs to include, with the libraries that they load. */
  readonly programs: readonly string[];
  /** The path and the text of the script that is the entry point. */
  readonly entryPoint: string;
  readonly script: string;
}

/** Imports the image with this reference. The caller removes it. */
export async function importShellImage(reference: string, image: ShellImage): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const path of await closure(image.programs)) {
      await Deno.mkdir(`${root}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.copyFile(path, `${root}${path}`);
    }
    await Deno.writeTextFile(`${root}${image.entryPoint}`, image.script, { mode: 0o755 });
    await importFolder(reference, { root, entryPoint: image.entryPoint });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function importFolder(
  reference: string,
  { root, entryPoint }: { readonly root: string; readonly entryPoint: string },
): Promise<void> {
  const tar = new Deno.Command("tar", { args: ["-C", root, "-c", "."], stdout: "piped" }).spawn();
  const docker = new Deno.Command("docker", {
    args: ["import", "--change", `ENTRYPOINT ["${entryPoint}"]`, "-", reference],
    stdin: "piped",
    stdout: "null",
  }).spawn();
  await tar.stdout.pipeTo(docker.stdin);
  const [packed, imported] = await Promise.all([tar.status, docker.status]);
  if (!packed.success || !imported.success) throw new Error(`no image ${reference}`);
}

/** Returns the paths of the programs and of every library that they load. */
async function closure(programs: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command("ldd", { args: [...programs] }).output();
  const libraries = new TextDecoder().decode(stdout).match(/\/\S+(?=\s+\()/g) ?? [];
  return [...new Set([...programs, ...libraries])];
}
