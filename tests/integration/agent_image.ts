/** An agent image whose command's words say what it does, as the fake Engine's containers do; no registry needed. */

const PROGRAMS = ["/bin/bash", "/bin/sleep"];

const AGENT = `#!/bin/bash
code=0
for word in "$@"; do
  case "$word" in
    says-*) echo "\${word#says-}" ;;
    complains-*) echo "\${word#complains-}" >&2 ;;
    counts-*) for ((i = 1; i <= \${word#counts-}; i++)); do echo "line $i"; sleep 0.02; done ;;
    ignores-term) trap '' TERM ;;
    exit-*) code=\${word#exit-} ;;
    runs-*) seconds=\${word#runs-} ;;
    runs) seconds=600 ;;
    oom) text=$(printf '%4000000s' x); while :; do text=$text$text; done ;;
    half-fails) printf '{"connections":[%s,%s]}' \\
      '{"connector":"tableau","name":"sales","status":"failed","errors":["no route","no route"],"log":"/bigeye/run/logs/sales.log"}' \\
      '{"connector":"tableau","name":"hr","status":"succeeded"}' >/bigeye/run/result.json ;;
    pokes) echo forged 2>/dev/null >/bigeye/config/forged || echo "config is read-only" ;;
  esac
done
if [ -n "$seconds" ]; then sleep "$seconds" & wait $!; fi
exit "$code"
`;

/** Imports it under this reference; the caller removes it. */
export async function importAgentImage(reference: string): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const { stdout } = await new Deno.Command("ldd", { args: PROGRAMS }).output();
    const libraries = new TextDecoder().decode(stdout).match(/\/\S+(?=\s+\()/g) ?? [];
    for (const path of new Set([...PROGRAMS, ...libraries])) {
      await Deno.mkdir(`${root}${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.copyFile(path, `${root}${path}`);
    }
    await Deno.writeTextFile(`${root}/agent`, AGENT, { mode: 0o755 });
    const tar = new Deno.Command("tar", { args: ["-C", root, "-c", "."], stdout: "piped" }).spawn();
    const docker = new Deno.Command("docker", {
      args: ["import", "--change", 'ENTRYPOINT ["/agent"]', "-", reference],
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
