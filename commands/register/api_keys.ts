/** Chooses the two API keys: from files, standard input, variables, an earlier registration, or a prompt. */

import type { HostPaths } from "../../lib/config/host_paths.ts";
import { absolutePath } from "../../lib/config/resolve.ts";
import { answerNeeded, inputTakenTwice, settingInvalid } from "../../lib/problems/cli.ts";
import { Secret } from "../../lib/crypto/secret.ts";
import type { Tools } from "../context.ts";

export interface KeyFlags {
  readonly personalKeyFile?: string;
  readonly agentKeyFile?: string;
}

export interface ApiKeys {
  /** Used during the command, never stored. */
  readonly personal: Secret;
  readonly agent: Secret;
}

type Needs = Pick<Tools, "ask" | "env" | "files" | "folder" | "terminal">;

interface KeySource {
  readonly name: string;
  readonly flag: string;
  readonly file: string | undefined;
  readonly variable: string;
  /** File of an earlier registration. */
  readonly stored?: string;
}

/** Chooses both keys. Arguments never carry a key, because every user of the host can list processes. */
export async function chooseApiKeys(
  { personalKeyFile, agentKeyFile }: KeyFlags,
  paths: HostPaths,
  needs: Needs,
): Promise<ApiKeys> {
  if (personalKeyFile === "-" && agentKeyFile === "-") throw inputTakenTwice();
  const personal = await chooseKey(personalKey(personalKeyFile), needs);
  const agent = await chooseKey({
    name: "Agent API Key",
    flag: "--agent-key-file",
    file: agentKeyFile,
    variable: "BIGEYE_AGENT_API_KEY",
    stored: paths.agentApiKey,
  }, needs);
  return { personal, agent };
}

/** Returns an admin's key if one is given; never asks for it. */
export function findPersonalKey(
  { personalKeyFile }: Pick<KeyFlags, "personalKeyFile">,
  needs: Omit<Needs, "ask">,
): Promise<Secret | undefined> {
  return findKey(personalKey(personalKeyFile), needs);
}

const personalKey = (file: string | undefined): KeySource => ({
  name: "Personal API Key of an admin",
  flag: "--personal-key-file",
  file,
  variable: "BIGEYE_PERSONAL_API_KEY",
});

async function findKey(key: KeySource, needs: Omit<Needs, "ask">): Promise<Secret | undefined> {
  const { env, files } = needs;
  if (key.file !== undefined) {
    return parseKey(await readKeyFile(key.file, { key, needs }), key.flag, key);
  }
  const fromVariable = env(key.variable);
  if (fromVariable !== undefined) return parseKey(fromVariable, key.variable, key);
  const stored = key.stored === undefined ? undefined : await files.readText(key.stored);
  return stored === undefined ? undefined : parseKey(stored, `"${key.stored}"`, key);
}

async function chooseKey(key: KeySource, needs: Needs): Promise<Secret> {
  const { ask, terminal } = needs;
  const given = await findKey(key, needs);
  if (given) return given;
  if (!terminal.interactive) {
    throw answerNeeded(`the ${key.name}`, {
      flag: `${key.flag} <path, or - for standard input>`,
      variable: key.variable,
    });
  }
  const answer = await ask.secret({
    message: key.name,
    check: (text) => isKey(text.trim()) ? undefined : "a key has no spaces and is not empty",
  });
  return new Secret(answer.trim());
}

async function readKeyFile(
  file: string,
  { key, needs: { files, folder, terminal } }: { key: KeySource; needs: Omit<Needs, "ask"> },
): Promise<string> {
  if (file === "-") return await terminal.readInput();
  const text = await files.readText(absolutePath(file, folder));
  if (text !== undefined) return text;
  throw settingInvalid(key.name, {
    source: key.flag,
    fault: `names "${file}", which does not exist`,
  });
}

function parseKey(text: string, source: string, { name }: KeySource): Secret {
  const value = text.trim();
  if (isKey(value)) return new Secret(value);
  throw settingInvalid(name, { source, fault: "must be one word of printable characters" });
}

/** Accepts what fits into a header. Only Bigeye knows the form of a key. */
const isKey = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);
