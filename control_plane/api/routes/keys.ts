/** Keys: API keys and whose they are, and the two public keys of the payload codec. */

import {
  ACCOUNT_KEY_TYPES,
  API,
  CreatedKeySchema,
  CreateKeySchema,
} from "../../../lib/contract/rest.ts";
import { KeyListSchema, MeSchema, PublicKeySchema } from "../../../lib/contract/rest.ts";
import { keyUnknown, notFound, publicKeyUnset } from "../../../lib/problems/rest.ts";
import type { AccountKey } from "../../store/mod.ts";
import { newApiKey } from "../api_key.ts";
import { rsaPublicKey } from "../public_key.ts";
import { type Route, route } from "../route.ts";

type AccountKeyType = typeof ACCOUNT_KEY_TYPES[number];

const [AGENT_TYPE, INTEGRATION_TYPE] = ACCOUNT_KEY_TYPES;
const typeOf = ({ kind }: Pick<AccountKey, "kind">): AccountKeyType =>
  kind === "integration" ? INTEGRATION_TYPE : AGENT_TYPE;

const verifyPersonalKey = route({
  id: "verifyPersonalApiKey",
  summary: "Verify a Personal API Key",
  method: "GET",
  path: `${API}/personal-api-keys/verify`,
  who: "any_key",
  answers: { 204: null },
  answer({ caller }) {
    if (caller?.kind !== "personal") throw keyUnknown();
    return { status: 204 };
  },
});

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

const me = route({
  id: "getMe",
  summary: "Show whose Personal API Key this is",
  method: "GET",
  path: `${API}/users/me`,
  who: "personal",
  answers: { 200: MeSchema },
  answer({ caller }) {
    if (caller?.kind !== "personal") throw keyUnknown();
    return { status: 200, body: caller.user };
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
    const keys = await needs.store.accounts.accountKeys();
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
    const { key, hash } = await newApiKey(kind);
    const { id, name } = await needs.store.accounts.addAccountKey({ ...named, kind, hash }, by);
    return { status: 200, body: { apiKey: key.reveal(), info: { id, name, type } } };
  },
});

const deleteKey = route({
  id: "deleteAgentApiKey",
  summary: "Delete an Agent API Key",
  method: "DELETE",
  path: `${API}/agent-api-keys/{apiKeyId}`,
  who: "admin",
  answers: { 204: null },
  async answer({ needs, by, params: { apiKeyId } }) {
    const removed = await needs.store.accounts.removeAccountKey(apiKeyId, by);
    if (!removed) throw notFound("API key", apiKeyId);
    return { status: 204 };
  },
});

const companyKey = route({
  id: "getPublicKey",
  summary: "Show the company's public key",
  method: "GET",
  path: `${API}/agent/public-key`,
  who: "any_key",
  answers: { 200: PublicKeySchema },
  async answer({ needs }) {
    const publicKey = await needs.store.accounts.companyPublicKey();
    if (publicKey === undefined) throw publicKeyUnset();
    return { status: 200, body: { publicKey } };
  },
});

const setCompanyKey = route({
  id: "setPublicKey",
  summary: "Set the company's public key",
  method: "PUT",
  path: `${API}/agent/public-key`,
  who: "admin",
  body: PublicKeySchema,
  answers: { 200: PublicKeySchema },
  async answer({ needs, by, body }) {
    const publicKey = await rsaPublicKey(body.publicKey);
    await needs.store.accounts.setCompanyPublicKey(publicKey, by);
    // Runs that waited for a key to encrypt with can go now.
    needs.dispatch.wake();
    return { status: 200, body: { publicKey } };
  },
});

const bigeyeKey = route({
  id: "getBigeyePublicKey",
  summary: "Show Bigeye's public key",
  method: "GET",
  path: `${API}/agent/public-key/bigeye`,
  who: "any_key",
  answers: { 200: PublicKeySchema },
  answer: ({ needs }) => ({ status: 200, body: { publicKey: needs.account.publicPem } }),
});

export const KEY_ROUTES: readonly Route[] = [
  verifyPersonalKey,
  verifyAgentKey,
  me,
  listKeys,
  createKey,
  deleteKey,
  companyKey,
  setCompanyKey,
  bigeyeKey,
];

function listed(key: AccountKey) {
  return {
    id: key.id,
    name: key.name,
    description: key.description,
    type: typeOf(key),
    createdAt: key.created_at,
    lastUsedAt: key.last_used_at,
    lastUsedIp: key.last_used_ip,
  };
}
