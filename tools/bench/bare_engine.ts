/** The baseline: the same container started by the bare Engine API, with nothing of ours in between. */

import type { Scene } from "../scene/scene.ts";
import { epochMs } from "../scene/stamps.ts";

const SOCKET = "/var/run/docker.sock";

export interface BareRun {
  /** From just before create to the first instruction in the container, ms. */
  readonly startMs: number;
  /** From just before create until wait has answered, ms. */
  readonly doneMs: number;
}

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
    const folder = `${this.#scene.folder}/bare/${crypto.randomUUID()}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.chmod(folder, 0o777);
    const before = epochMs();
    const { Id: id } = await this.#call("POST", "/containers/create", this.#body(folder, fileName));
    await this.#call("POST", `/containers/${id}/start`);
    await this.#call("POST", `/containers/${id}/wait`);
    const doneMs = epochMs() - before;
    const first = Number(await Deno.readTextFile(`${folder}/first_instruction`)) * 1000;
    await this.#call("DELETE", `/containers/${id}?force=1`);
    return { startMs: first - before, doneMs };
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
