/** The baseline: starts the same container through the Engine API, without the product. */

import type { Scene } from "../../../tests/harness/scene/scene.ts";
import { epochMs, stampIn } from "../../../tests/harness/scene/stamps.ts";
import { delay } from "../../../tests/harness/time/wait.ts";

const SOCKET = "/var/run/docker.sock";

export interface BareRun {
  /** Milliseconds from just before create to the first instruction in the container. */
  readonly startMs: number;
  /** Milliseconds from just before create to the answer of wait. */
  readonly doneMs: number;
}

interface Started {
  readonly id: string;
  readonly folder: string;
  /** The time just before create. */
  readonly before: number;
}

/** The stand-in traps SIGTERM right after its first instruction. An earlier signal would be lost. */
const SETTLE_MS = 100;

/** Starts containers with the image, mounts and network of the scene's host. */
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

  /** Creates, starts, awaits and removes the container of one DataHealth run. */
  async run(fileName: string): Promise<BareRun> {
    const { id, folder, before } = await this.#started(fileName);
    await this.#call("POST", `/containers/${id}/wait`);
    const doneMs = epochMs() - before;
    const first = await stampIn(folder, "first_instruction");
    await this.#call("DELETE", `/containers/${id}?force=1`);
    return { startMs: first - before, doneMs };
  }

  /** Starts a container and sends SIGTERM. Returns the milliseconds until the container saw it. */
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
