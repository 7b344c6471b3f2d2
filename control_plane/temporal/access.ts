/** Access to Temporal: the addresses for this process and for hosts, our own server, and the gateway. */

import type { HostCredentials, TemporalTarget } from "../../lib/contract/host.ts";
import { settingInvalid } from "../../lib/problems/cli.ts";
import { companyKeyMissing } from "../../lib/problems/keys.ts";
import type { Problem } from "../../lib/problems/problem.ts";
import type { TemporalServer } from "../../lib/temporal/connection.ts";
import { GATEWAY_NAME } from "../../templates/certificates.ts";
import type { Account } from "../account/key_pair.ts";
import type { Authority } from "../certificates/authority.ts";
import type { PlaneTools } from "../settings/plane_tools.ts";
import { readSecretFile, type SecretFileNeeds } from "../settings/secret_file.ts";
import type { PlaneSettings } from "../settings/settings.ts";
import { startTemporalServer } from "./server.ts";
import type { ExternalTemporal, ListenAddress, OwnTemporal } from "../settings/temporal.ts";

/** Our Temporal's database, in the data folder. */
export const TEMPORAL_FILE = "temporal.sqlite";

export interface TemporalAccess extends AsyncDisposable {
  /** Where this process connects. */
  readonly server: TemporalServer & { readonly namespace: string };
  /** Where hosts connect. */
  readonly target: Omit<TemporalTarget, "taskQueue">;
  /** Returns what a host needs to connect. @throws `company_key_missing` before the company's key is registered. */
  readonly credentials: (hostId: string) => Promise<HostCredentials>;
}

interface AccessNeeds {
  readonly settings: PlaneSettings;
  readonly tools: PlaneTools;
  readonly account: Pick<Account, "companyPublicPem">;
  /** Present with a gateway; see {@linkcode gatewayAuthority}. */
  readonly authority: Authority | undefined;
  /** Called if the gateway, once open, admits a connection that it must refuse. */
  readonly onBroken: (error: unknown) => void;
}

/** The needs, with the address of Temporal. */
interface Way extends AccessNeeds {
  readonly temporal: ExternalTemporal;
  /** `host:port`. */
  readonly publicAddress: string;
}

/**
 * Starts Temporal and opens the gateway, each if the settings ask for it; disposal ends both.
 * @throws what `startTemporalServer` and `openGateway` throw.
 */
export async function openTemporalAccess(needs: AccessNeeds): Promise<TemporalAccess> {
  const { authority, settings: { temporal: wanted, temporalPublicAddress, gateway } } = needs;
  await using opened = new AsyncDisposableStack();
  const temporal = "address" in wanted ? wanted : opened.use(await ownTemporal(needs, wanted));
  const way = { ...needs, temporal, publicAddress: temporalPublicAddress ?? temporal.address };
  const access = opened.use(
    await (gateway && authority
      ? throughGateway(way, { listen: gateway, authority })
      : direct(way)),
  );
  const all = opened.move();
  return { ...access, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function ownTemporal(
  { settings: { data }, tools }: AccessNeeds,
  { program, namespace }: OwnTemporal,
): Promise<ExternalTemporal & AsyncDisposable> {
  const closing = new AbortController();
  const { address, done } = await whileNotStopped(tools.stop, closing, () =>
    startTemporalServer({
      ...tools,
      program,
      namespace,
      databaseFile: `${data}/${TEMPORAL_FILE}`,
      answers: async (address, signal) => {
        const { waitForTemporal } = await import("../../lib/temporal/connection.ts");
        await waitForTemporal(address, { ...tools, signal });
      },
    }, closing.signal));
  tools.log("info", "started a temporal server for this machine only", {
    hint: "To use several machines, run your own Temporal and name it with --temporal-address",
  });
  return {
    address,
    namespace,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await done;
    },
  };
}

async function direct(
  { temporal, publicAddress, tools }: Way,
): Promise<TemporalAccess> {
  const { address, namespace, serverName } = temporal;
  const { caPem, apiKey } = await filesOf(temporal, tools);
  const tls = { ...(serverName && { serverName }), ...(caPem && { caPem }) };
  return {
    server: { address, namespace, ...(serverName && { tls }), ...(apiKey && { apiKey }) },
    target: {
      address: publicAddress,
      namespace,
      ...(serverName && { serverName }),
    },
    credentials: () =>
      Promise.resolve({
        ...(caPem && { caCertificate: caPem }),
        ...(apiKey && { temporalApiKey: apiKey }),
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function filesOf(
  { caFile, apiKeyFile }: ExternalTemporal,
  needs: SecretFileNeeds,
): Promise<{ readonly caPem?: string; readonly apiKey?: string }> {
  const ca = caFile && await needs.files.readText(caFile);
  if (caFile && !ca?.trim()) throw fileEmpty("CA of Temporal", "--temporal-ca-file", caFile);
  const key = apiKeyFile && await readSecretFile(apiKeyFile, needs);
  if (apiKeyFile && !key?.trim()) {
    throw fileEmpty("API key of Temporal", "--temporal-api-key-file", apiKeyFile);
  }
  return { ...(ca && { caPem: ca }), ...(key && { apiKey: key.trim() }) };
}

function fileEmpty(name: string, source: string, path: string): Problem {
  return settingInvalid(name, { source, fault: `names "${path}", which is missing or empty` });
}

/**
 * Opens the account's certificate authority if the settings ask for a gateway. Only one process per data
 * folder may call it at a time, because it may create the authority. Loads its large code lazily.
 */
export async function gatewayAuthority(
  { gateway, data }: Pick<PlaneSettings, "gateway" | "data">,
  tools: Pick<PlaneTools, "files" | "clock">,
): Promise<Authority | undefined> {
  if (!gateway) return undefined;
  const { openAuthority } = await import("../certificates/authority.ts");
  return await openAuthority({ ...tools, folder: data });
}

async function throughGateway(
  { settings: { data }, temporal: { address, namespace }, publicAddress, ...needs }: Way,
  { listen, authority }: { readonly listen: ListenAddress; readonly authority: Authority },
): Promise<TemporalAccess> {
  const { openGateway } = await import("./gateway/mod.ts");
  const { tools, account, onBroken } = needs;
  const closing = new AbortController();
  const gateway = await whileNotStopped(tools.stop, closing, () =>
    openGateway({
      ...tools,
      // One folder per process, because several may share the data folder.
      folder: `${data}/gateway-${listen.hostname.replaceAll(":", "_")}-${listen.port}`,
      listen,
      temporal: address,
      authority,
      probe: tools.probeTls,
    }, closing.signal));
  const ended = gateway.done.catch(onBroken);
  return {
    server: { address, namespace },
    target: { address: publicAddress, namespace, serverName: GATEWAY_NAME },
    credentials: async (hostId) => {
      const publicPem = await account.companyPublicPem();
      if (publicPem === undefined) throw companyKeyMissing();
      return {
        clientCertificate: await authority.issueHost(hostId, publicPem),
        caCertificate: authority.pem,
      };
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await ended;
    },
  };
}

/** A stop aborts only the opening. Once open, it stays open until the last request was answered. */
async function whileNotStopped<T>(
  stop: AbortSignal,
  closing: AbortController,
  open: () => Promise<T>,
): Promise<T> {
  const leave = () => closing.abort(stop.reason);
  if (stop.aborted) leave();
  stop.addEventListener("abort", leave, { once: true });
  try {
    return await open();
  } finally {
    stop.removeEventListener("abort", leave);
  }
}
