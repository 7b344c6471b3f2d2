/** A small image for tests on a real engine: the host's shell with its libraries, so that no registry is needed. */

/** Programs that the tests run inside; `bigeye-agent` is a shell script that stands for both services. */
const PROGRAMS = ["bash", "cat", "sleep", "stat", "date", "id"];

/** The one binary's place: `--health` says yes, anything else waits for its end. */
const STAND_IN = `#!/bin/bash
[ "$2" = --health ] && exit 0
trap 'exit 0' TERM
echo "$1 started"
while :; do sleep 0.1; done
`;

/** Imports the image under this reference; the caller removes it. */
export async function importTinyImage(reference: string): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const path of await closure()) {
      await Deno.mkdir(`${root}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.copyFile(path, `${root}${path}`);
    }
    await Deno.writeTextFile(`${root}/bigeye-agent`, STAND_IN, { mode: 0o755 });
    const tar = new Deno.Command("tar", { args: ["-C", root, "-c", "."], stdout: "piped" }).spawn();
    const docker = new Deno.Command("docker", {
      args: ["import", "--change", 'ENTRYPOINT ["/bigeye-agent"]', "-", reference],
      stdin: "piped",
      stdout: "null",
    }).spawn();
    await tar.stdout.pipeTo(docker.stdin);
    const [packed, imported] = await Promise.all([tar.status, docker.status]);
    if (!packed.success || !imported.success) throw new Error(`no image ${reference}`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** The programs and every library that they load, by the paths at which the loader finds them. */
async function closure(): Promise<readonly string[]> {
  const programs = PROGRAMS.map((name) => `/bin/${name}`);
  const { stdout } = await new Deno.Command("ldd", { args: programs }).output();
  const libraries = new TextDecoder().decode(stdout).match(/\/\S+(?=\s+\()/g) ?? [];
  return [...new Set([...programs, ...libraries])];
}
