/** The account's keys: API keys for agents and integrations, and the two public keys of the payload codec. */

import {
  ACCOUNT_KEY_TYPES,
  CreatedKeySchema,
  CreateKeySchema,
  KeyListSchema,
} from "../../../lib/contract/users.ts";
import { API, KEYS_API, PublicKeySchema } from "../../../lib/contract/rest.ts";
import { publicKeyUnset } from "../../../lib/problems/keys.ts";
import { inputInvalid, keyUnknown } from "../../../lib/problems/rest.ts";
import { newApiKey } from "../../http/authentication.ts";
import type { KnownKey } from "../../store/mod.ts";
import { isForAbsent } from "../etag.ts";
import { type Route, route } from "../route.ts";
import { listedKey } from "./personal_keys.ts";

type AccountKeyType = typeof ACCOUNT_KEY_TYPES[number];

const [NEWER, OLDER] = KEYS_API;
const [AGENT_TYPE, INTEGRATION_TYPE] = ACCOUNT_KEY_TYPES;
const typeOf = ({ kind }: Pick<KnownKey, "kind">): AccountKeyType =>
  kind === "integration" ? INTEGRATION_TYPE : AGENT_TYPE;

const verifyAgentKey = route({
  id: "verifyAgentApiKey",
  summary: "Verify an Agent API Key or an Integration API Key",
  method: "GET",
  path: `${API}/agent-api-keys/verify`,
  who: "any_key",
  answers: { 204: null },
  answer({ caller }) {
    if (caller === undefined || caller.kind === "personal") throw keyUnknown();
    return { status: 204 };
  },
});

const listKeys = route({
  id: "listAgentApiKeys",
  summary: "List Agent API Keys",
  method: "GET",
  path: `${API}/agent-api-keys`,
  who: "admin",
  answers: { 200: KeyListSchema },
  async answer({ needs }) {
    const keys = await needs.store.keys.list("account");
    return { status: 200, body: { keys: keys.map(listed) } };
  },
});

const createKey = route({
  id: "createAgentApiKey",
  summary: "Create an Agent API Key",
  method: "POST",
  path: `${API}/agent-api-keys`,
  who: "admin",
  body: CreateKeySchema,
  answers: { 200: CreatedKeySchema },
  async answer({ needs, by, body: { type, ...named } }) {
    const kind = type === INTEGRATION_TYPE ? "integration" : "agent";
    const { key, hash } = newApiKey(kind);
    const { id, name } = await needs.store.keys.add({ ...named, kind, hash }, by);
    return { status: 200, body: { apiKey: key.reveal(), info: { id, name, type } } };
  },
});

const deleteKey = route({
  id: "deleteAgentApiKey",
  summary: "Delete an Agent API Key",
  method: "DELETE",
  path: `${API}/agent-api-keys/{apiKeyId}`,
  who: "admin",
  refuses: ["api_key_not_found"],
  answers: { 204: null },
  async answer({ needs, by, params: { apiKeyId } }) {
    await needs.store.keys.remove(apiKeyId, "account", by);
    return { status: 204 };
  },
});

const IF_NONE_MATCH = "If-None-Match";
const IF_NONE_MATCH_MEANS =
  "With * the key is set only as the first one; where there is one, nothing is done and 412 is answered";

/** The public keys, at one version of their paths. */
function publicKeyRoutes(base: string, version: string): readonly Route[] {
  return [
    route({
      id: `getPublicKey${version}`,
      summary: "Show the company's public key",
      method: "GET",
      path: `${base}/public-key`,
      who: "any_key",
      refuses: ["public_key_not_set"],
      answers: { 200: PublicKeySchema },
      async answer({ needs }) {
        const publicKey = await needs.store.accounts.companyPublicKey();
        if (publicKey === undefined) throw publicKeyUnset();
        return { status: 200, body: { publicKey } };
      },
    }),
    route({
      id: `setPublicKey${version}`,
      summary: "Set the company's public key",
      method: "PUT",
      path: `${base}/public-key`,
      who: "admin",
      body: PublicKeySchema,
      headers: { [IF_NONE_MATCH]: IF_NONE_MATCH_MEANS },
      refuses: ["public_key_already_set"],
      answers: { 200: PublicKeySchema },
      async answer({ needs, by, body, header }) {
        const isFirst = isForAbsent(header(IF_NONE_MATCH));
        const publicKey = await rsaPublicKey(body.publicKey);
        await needs.store.accounts.setCompanyPublicKey(publicKey, by, { isFirst });
        // Runs that waited for an encryption key can be dispatched now.
        needs.dispatch.wake();
        return { status: 200, body: { publicKey } };
      },
    }),
    route({
      id: `getBigeyePublicKey${version}`,
      summary: "Show Bigeye's public key",
      method: "GET",
      path: `${base}/public-key/bigeye`,
      who: "any_key",
      answers: { 200: PublicKeySchema },
      answer: ({ needs }) => ({ status: 200, body: { publicKey: needs.account.publicPem } }),
    }),
  ];
}

export const KEY_ROUTES: readonly Route[] = [
  verifyAgentKey,
  listKeys,
  createKey,
  deleteKey,
  ...publicKeyRoutes(NEWER, ""),
  ...publicKeyRoutes(OLDER, "V1"),
];

function listed(key: KnownKey) {
  return { ...listedKey(key), type: typeOf(key) };
}

const LEAST_BITS = 4096;
const PEM = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/;

/** Returns the key as canonical PEM, 64 columns and a final newline. @throws `invalid_input`. */
export async function rsaPublicKey(text: string): Promise<string> {
  const body = PEM.exec(text)?.[1];
  if (body === undefined) throw wrongKey("must be one PEM block PUBLIC KEY (SPKI)");
  const key = await imported(body);
  if (modulusBits(key) < LEAST_BITS) {
    throw wrongKey(`must have at least ${LEAST_BITS} bits, not ${modulusBits(key)}`);
  }
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", key));
  const lines = spki.toBase64().match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
}

async function imported(body: string): Promise<CryptoKey> {
  try {
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const spki = Uint8Array.fromBase64(body);
    return await crypto.subtle.importKey("spki", spki, algorithm, true, ["encrypt"]);
  } catch {
    throw wrongKey("must be an RSA key");
  }
}

function modulusBits({ algorithm }: CryptoKey): number {
  return "modulusLength" in algorithm ? Number(algorithm.modulusLength) : 0;
}

const wrongKey = (message: string) => inputInvalid([{ path: "publicKey", message }]);
