/** The named schemas of the OpenAPI document, each with an example. */

import type * as v from "valibot";
import { AuditPageSchema } from "../../../lib/contract/audit.ts";
import {
  HistoryPageSchema,
  JobBodySchema,
  JobPageSchema,
  JobPatchSchema,
  JobSchema,
} from "../../../lib/contract/job.ts";
import {
  HeartbeatRequestSchema,
  HeartbeatResponseSchema,
  HostListMessageSchema,
  HostMessageSchema,
  RegisterRequestSchema,
  RegisterResponseSchema,
} from "../../../lib/contract/messages/hosts.ts";
import {
  CreatedKeySchema,
  CreatedPersonalKeySchema,
  CreatedUserSchema,
  CreateKeySchema,
  KeyListSchema,
  MeSchema,
  NewPersonalKeySchema,
  NewUserSchema,
  PersonalKeyListSchema,
  UserListSchema,
  UserPatchSchema,
  UserSchema,
} from "../../../lib/contract/users.ts";
import { ErrorBodySchema, PublicKeySchema } from "../../../lib/contract/rest.ts";
import { RunPageSchema, RunSchema } from "../../../lib/contract/run.ts";
import * as example from "./examples.ts";

export interface NamedSchema {
  readonly schema: v.GenericSchema;
  readonly example: unknown;
}

type NamedSchemas = Readonly<Record<string, NamedSchema>>;

/** Request bodies; fields with a default are optional. */
export const BODIES = {
  NewJob: { schema: JobBodySchema, example: example.NEW_JOB },
  JobChange: { schema: JobPatchSchema, example: example.JOB_CHANGE },
  RegisterOrchestratorRequest: { schema: RegisterRequestSchema, example: example.REGISTRATION },
  OrchestratorHeartbeatRequest: { schema: HeartbeatRequestSchema, example: example.HEARTBEAT },
  NewUser: { schema: NewUserSchema, example: example.NEW_USER },
  UserChange: { schema: UserPatchSchema, example: example.USER_CHANGE },
  NewPersonalKey: { schema: NewPersonalKeySchema, example: example.NEW_PERSONAL_KEY },
  NewKey: { schema: CreateKeySchema, example: example.NEW_KEY },
} satisfies NamedSchemas;

/** Response bodies, and schemas that are the same in both directions. */
export const ANSWERS = {
  Job: { schema: JobSchema, example: example.JOB },
  JobPage: { schema: JobPageSchema, example: example.JOB_PAGE },
  Run: { schema: RunSchema, example: example.RUN },
  RunPage: { schema: RunPageSchema, example: example.RUN_PAGE },
  HistoryPage: { schema: HistoryPageSchema, example: example.HISTORY_PAGE },
  AgentOrchestratorHost: { schema: HostMessageSchema, example: example.HOST },
  HostList: { schema: HostListMessageSchema, example: example.HOST_PAGE },
  RegisterOrchestratorResponse: { schema: RegisterResponseSchema, example: example.REGISTERED },
  OrchestratorHeartbeatResponse: {
    schema: HeartbeatResponseSchema,
    example: example.HEARTBEAT_ANSWER,
  },
  CreatedKey: { schema: CreatedKeySchema, example: example.CREATED_KEY },
  KeyList: { schema: KeyListSchema, example: example.KEY_LIST },
  Me: { schema: MeSchema, example: example.ME },
  User: { schema: UserSchema, example: example.USER },
  UserList: { schema: UserListSchema, example: example.USER_LIST },
  CreatedUser: { schema: CreatedUserSchema, example: example.CREATED_USER },
  PersonalKeyList: { schema: PersonalKeyListSchema, example: example.PERSONAL_KEY_LIST },
  CreatedPersonalKey: {
    schema: CreatedPersonalKeySchema,
    example: example.CREATED_PERSONAL_KEY,
  },
  AuditPage: { schema: AuditPageSchema, example: example.AUDIT_PAGE },
  PublicKey: { schema: PublicKeySchema, example: example.PUBLIC_KEY },
  Error: { schema: ErrorBodySchema, example: example.ERROR },
} satisfies NamedSchemas;
