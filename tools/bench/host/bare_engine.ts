/** The baseline: the same container started by the bare Engine API, with nothing of ours in between. */

import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { epochMs, stampIn } from "../../../tests/harness/scene/stamps.ts";
import { delay } from "../../../tests/harness/scene/wait.ts";

const SOCKET = "/var/run/docker.sock";

export interface BareRun {
  /** From just before create to the first instruction in the container, ms. */
  readonly startMs: number;
  /** From just before create until wait has answered, ms. */
  readonly doneMs: number;
}

interface Started {
  readonly id: string;
  readonly folder: string;
  /** Just before create. */
  readonly before: number;
}

/** The stand-in traps SIGTERM right after its first instruction; before that a kill would be lost. */
const SETTLE_MS = 100;

/** Starts containers like those of the scene's host: same image, mounts and network. */
export class BareEngine implements Disposable {
  readonly #client = Deno.createHttpClient({ proxy: { transport: "unix", path: SOCKET } });
  readonly #scene: Scene;
  readonly #image: string;

  constructor(scene: Scene, image: string) {
    this.#scene = scene;
    this.#image = image;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** Creates, starts, waits for and removes one container of a DataHealth run. */
  async run(fileName: string): Promise<BareRun> {
    const { id, folder, before } = await this.#started(fileName);
    await this.#call("POST", `/containers/${id}/wait`);
    const doneMs = epochMs() - before;
    const first = await stampIn(folder, "first_instruction");
    await this.#call("DELETE", `/containers/${id}?force=1`);
    return { startMs: first - before, doneMs };
  }

  /** Starts a container and stops it: from just before the kill to SIGTERM seen inside it, ms. */
  async cancel(fileName: string): Promise<number> {
    const { id, folder } = await this.#started(fileName);
    await stampIn(folder, "first_instruction");
    await delay(SETTLE_MS).done;
    const before = epochMs();
    await this.#call("POST", `/containers/${id}/kill?signal=SIGTERM`);
    const seen = await stampIn(folder, "sigterm");
    await this.#call("DELETE", `/containers/${id}?force=1`);
    return seen - before;
  }

  async #started(fileName: string): Promise<Started> {
    const folder = `${this.#scene.folder}/bare/${crypto.randomUUID()}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.chmod(folder, 0o777);
    const before = epochMs();
    const { Id: id } = await this.#call("POST", "/containers/create", this.#body(folder, fileName));
    await this.#call("POST", `/containers/${id}/start`);
    return { id, folder, before };
  }

  #body(folder: string, fileName: string): Record<string, unknown> {
    const { path, installationId } = this.#scene.host;
    return {
      Image: this.#image,
      Cmd: ["datahealth", "run", "--file-name", fileName],
      User: "65532:65532",
      HostConfig: {
        NetworkMode: `bigeye-agent-${installationId.slice(0, 8)}_default`,
        Binds: [`${path}/agents/datahealth:/bigeye/config:ro`, `${folder}:/bigeye/run`],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
      },
    };
  }

  async #call(method: string, path: string, body?: unknown): Promise<{ Id: string }> {
    const response = await fetch(`http://engine${path}`, {
      client: this.#client,
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? { Id: "" } : JSON.parse(text);
  }
}
