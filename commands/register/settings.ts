/** Chooses the host id and the connection to Bigeye from flags, variables, the file, or a prompt. */

import * as v from "valibot";
import { proxyFromEnvironment, ProxySchema } from "../../lib/config/proxy.ts";
import { absolutePath, resolveSetting } from "../../lib/config/resolve.ts";
import { HttpUrlSchema } from "../../lib/config/schema.ts";
import type { StoredConfig } from "../../lib/config/store.ts";
import { HostIdSchema } from "../../lib/contract/host.ts";
import { answerNeeded, settingInvalid } from "../../lib/problems/cli.ts";
import { hostIdInvalid, kubernetesHost } from "../../lib/problems/host.ts";
import { withoutBom } from "../../lib/system/text_file.ts";
import type { Tools } from "../context.ts";

/** The documented default stack (Using API keys). */
const DEFAULT_URL = "https://app.bigeye.com";

export interface ConnectionFlags {
  readonly bigeyeUrl?: string;
  readonly proxy?: string;
  readonly caFile?: string;
}

export interface Connection {
  readonly url: string;
  readonly proxy?: string | undefined;
  /** Absolute path of the operator's file, and its text. */
  readonly ca?: { readonly path: string; readonly pem: string } | undefined;
}

type Asking = Pick<Tools, "ask" | "env" | "terminal">;

/** Refuses Kubernetes hosts, because the orchestrator is a Compose stack (Migrating, "Who should migrate"). */
export function refuseKubernetes({ config, path }: StoredConfig): void {
  if ("kubernetes" in config || config["deployment"] === "kubernetes") throw kubernetesHost(path);
}

/** Chooses the host id. @throws `host_id_invalid` unless it has the documented form. */
export async function chooseHostId(
  flag: string | undefined,
  stored: StoredConfig | undefined,
  { ask, env, terminal }: Asking,
): Promise<string> {
  const found = resolveSetting({
    flag: { name: "--host-id", value: flag },
    variable: "BIGEYE_HOST_ID",
    key: { name: "orchestrator.host_id", value: stored?.config.orchestrator.host_id },
  }, env);
  if (found) return parseHostId(found.value);
  if (!terminal.interactive) {
    throw answerNeeded("the host id", { flag: "--host-id <id>", variable: "BIGEYE_HOST_ID" });
  }
  return await ask.line({
    message: "Host id: a stable, unique name for this host",
    placeholder: "prod-agent-01",
    check: (answer) =>
      v.is(HostIdSchema, answer) ? undefined : "1 to 256 letters, digits or hyphens",
  });
}

function parseHostId(text: string): string {
  if (v.is(HostIdSchema, text)) return text;
  throw hostIdInvalid(text);
}

/** Chooses address, proxy and CA. Prompts for proxy and CA only on a new host with a terminal. */
export async function chooseConnection(
  flags: ConnectionFlags,
  stored: StoredConfig | undefined,
  tools: Asking & Pick<Tools, "files" | "folder">,
): Promise<Connection> {
  const isAsked = stored === undefined && tools.terminal.interactive;
  const url = await chooseUrl(flags, stored, tools);
  const proxy = await chooseProxy(flags, { url, stored, isAsked, tools });
  const ca = await chooseCa(flags, { stored, isAsked, tools });
  return { url, proxy, ca };
}

interface Choice<T> {
  readonly stored: StoredConfig | undefined;
  readonly isAsked: boolean;
  readonly tools: T;
}

/** Chooses the address. The default is used only after a prompt showed it, because keys are sent there. */
async function chooseUrl(
  { bigeyeUrl }: ConnectionFlags,
  stored: StoredConfig | undefined,
  { ask, env, terminal }: Asking,
): Promise<string> {
  const found = resolveSetting({
    flag: { name: "--bigeye-url", value: bigeyeUrl },
    variable: "BIGEYE_URL",
    key: { name: "bigeye.url", value: stored?.config.bigeye.url },
  }, env);
  if (found) {
    return parsed(HttpUrlSchema, found.value, { name: "address of Bigeye", source: found.source });
  }
  if (!terminal.interactive) {
    throw answerNeeded("the address of Bigeye", {
      flag: `--bigeye-url <url, as in ${DEFAULT_URL}>`,
      variable: "BIGEYE_URL",
    });
  }
  const answer = await ask.line({
    message: `Address of Bigeye or of your control plane (Enter for ${DEFAULT_URL})`,
    placeholder: DEFAULT_URL,
    check: (text) => text === "" || v.is(HttpUrlSchema, text) ? undefined : "an http or https URL",
  });
  return parsed(HttpUrlSchema, answer || DEFAULT_URL, {
    name: "address of Bigeye",
    source: "the answer",
  });
}

async function chooseProxy(
  flags: ConnectionFlags,
  { url, stored, isAsked, tools: { ask, env } }: Choice<Asking> & { readonly url: string },
): Promise<string | undefined> {
  const fromEnvironment = proxyFromEnvironment(url, env);
  const found = resolveSetting({
    flag: { name: "--proxy", value: flags.proxy },
    variable: fromEnvironment.variable,
    key: { name: "bigeye.proxy", value: stored?.config.bigeye.proxy },
  }, (name) => name === fromEnvironment.variable ? fromEnvironment.value : undefined);
  if (found) return parsed(ProxySchema, found.value, { name: "proxy", source: found.source });
  if (!isAsked) return undefined;
  const answer = await ask.line({
    message: "Proxy to the internet, as a URL (Enter for none)",
    placeholder: "http://proxy.example.com:3128",
    check: (text) => text === "" || v.is(ProxySchema, text) ? undefined : "host:port, or a URL",
  });
  if (answer === "") return undefined;
  return parsed(ProxySchema, answer, { name: "proxy", source: "the answer" });
}

async function chooseCa(
  { caFile }: ConnectionFlags,
  { stored, isAsked, tools: { ask, env, files, folder } }: Choice<
    Asking & Pick<Tools, "files" | "folder">
  >,
): Promise<Connection["ca"]> {
  const found = resolveSetting({
    flag: { name: "--ca-file", value: caFile },
    variable: "BIGEYE_CA_FILE",
    key: { name: "bigeye.ca_file", value: stored?.config.bigeye.ca_file },
  }, env);
  const given = found ?? (isAsked
    ? {
      value: await ask.line({
        message: "PEM file of a custom certificate authority (Enter for none)",
      }),
      source: "the answer",
    }
    : undefined);
  if (!given?.value) return undefined;
  const path = absolutePath(given.value, folder);
  const pem = await files.readText(path);
  const setting = { source: given.source };
  if (pem === undefined) {
    throw settingInvalid("custom CA", {
      ...setting,
      fault: `names "${path}", which does not exist`,
    });
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    throw settingInvalid("custom CA", { ...setting, fault: `names "${path}", which is not PEM` });
  }
  return { path, pem: withoutBom(pem) };
}

function parsed(
  schema: typeof HttpUrlSchema | typeof ProxySchema,
  text: string,
  { name, source }: { name: string; source: string },
): string {
  const result = v.safeParse(schema, text);
  if (result.success) return result.output;
  throw settingInvalid(name, { source, fault: result.issues[0].message });
}
