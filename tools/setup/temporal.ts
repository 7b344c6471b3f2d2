/** The Temporal dev server: a real server in one process. */

import { capture, run } from "../run.ts";
import { step } from "../steps.ts";
import { cached, removeFolder } from "./cache.ts";
import { download } from "./download.ts";
import { requireGo } from "./go.ts";
import { sha256 } from "./hash.ts";

/** The newest version that `go install` accepts: later ones have a `replace` directive. */
const VERSION = "1.5.1";
const OFFICIAL =
  `https://github.com/temporalio/cli/releases/download/v${VERSION}/temporal_cli_${VERSION}_linux_amd64.tar.gz`;
/** SHA-256 of the archive. What Go builds instead is checked by Go, against its checksum database. */
const SHA256 = "ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d";

/** Path of `temporal`: from PATH, else the official download, else built by Go. */
export async function temporal(): Promise<string> {
  const installed = await capture(["temporal", "--version"]);
  if (installed.code === 0) return "temporal";

  const name = `temporal-${VERSION}`;
  const folder = await cached(name, async (folder) => {
    const archive = await step("Temporal's official download", () => download(OFFICIAL));
    if (archive !== undefined && sha256(archive) === SHA256) return await unpack(archive, folder);
    await step(`Temporal ${VERSION} built by Go (minutes, once)`, () => build(folder));
  });
  return `${folder}/temporal`;
}

async function unpack(archive: Uint8Array, folder: string): Promise<void> {
  const path = `${folder}/archive.tar.gz`;
  await Deno.writeFile(path, archive);
  await run(["tar", "-xzf", path, "-C", folder, "temporal"]);
  await Deno.remove(path);
}

async function build(folder: string): Promise<void> {
  await requireGo();
  const scratch = `${folder}/go`;
  await run(["go", "install", `github.com/temporalio/cli/cmd/temporal@v${VERSION}`], {
    env: {
      GOBIN: folder,
      GOPATH: scratch,
      GOMODCACHE: `${scratch}/modules`,
      GOCACHE: `${scratch}/build`,
      // An older Go fetches the one that Temporal asks for, as a module like any other.
      GOTOOLCHAIN: "auto",
      // Without this Go's modules are read-only, and cannot be removed.
      GOFLAGS: `${Deno.env.get("GOFLAGS") ?? ""} -modcacherw`.trim(),
      CGO_ENABLED: "0",
    },
  });
  await removeFolder(scratch);
}
