import { JOB_CIS } from "../ci/job/index.ts";
import type { Options } from "./command.ts";

/** How the ID token is found. */
export const TOKEN_OPTIONS = {
  "token-env": { type: "string", value: "NAME", help: "take the ID token from this variable" },
  "token-file": { type: "string", value: "FILE", help: "take the ID token from this file; - is standard input" },
  "token-command": {
    type: "string",
    value: "CMD",
    help: "take the ID token from what this command writes; it is split at spaces outside quotes, and run without a shell",
  },
  ci: {
    type: "string",
    value: "NAME",
    choices: JOB_CIS.map(({ id }) => id),
    help: "take the job to be of this CI, whatever else is recognised",
  },
  audience: {
    type: "string",
    value: "AUD",
    env: ["ROLECALL_AUDIENCE"],
    help: "the audience that the token must have; chooses between several",
  },
} as const satisfies Options;

/** How the token is exchanged. */
export const EXCHANGE_OPTIONS = {
  role: {
    type: "string",
    value: "ARN",
    env: ["ROLECALL_ROLE_ARN", "AWS_ROLE_ARN", "ROLE_ARN"],
    help: "the role to assume",
  },
  region: { type: "string", value: "REGION", env: ["AWS_REGION", "AWS_DEFAULT_REGION"], help: "the region" },
  "endpoint-url": {
    type: "string",
    value: "URL",
    env: ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"],
    help: "another STS, for example the local cloud's",
  },
  "session-name": {
    type: "string",
    value: "NAME",
    env: ["ROLECALL_SESSION_NAME", "AWS_ROLE_SESSION_NAME"],
    help: "name of the session (by default made of CI, project, pipeline and job)",
  },
  duration: {
    type: "string",
    value: "TIME",
    env: ["ROLECALL_DURATION"],
    help: "how long the credentials live: 900, 15m, 1h (by default 1h)",
  },
  policy: {
    type: "string",
    value: "FILE",
    help: "a session policy that narrows the role: a JSON file, or the JSON itself",
  },
  "policy-arn": {
    type: "string",
    value: "ARN",
    multiple: true,
    help: "a managed policy that narrows the role; may be repeated",
  },
  // oxlint-disable-next-line unicorn/no-thenable -- an option's name; nobody awaits the table
  then: {
    type: "string",
    value: "ARN",
    multiple: true,
    help: "the role to take from there, at most for 1 h; several in a row: B,C",
  },
  tag: {
    type: "string",
    value: "KEY=VALUE",
    multiple: true,
    help: "with --then: a session tag; may be repeated",
  },
  "transitive-tag": {
    type: "string",
    value: "KEY",
    multiple: true,
    help: "with --then: a tag that later roles get too; may be repeated",
  },
  "external-id": { type: "string", value: "ID", help: "with --then: what those roles' owners ask for" },
  "allow-account": {
    type: "string",
    value: "ID",
    multiple: true,
    env: ["ROLECALL_ALLOW_ACCOUNT"],
    help: "take credentials of this account only; may be repeated",
  },
  "allow-fork": { type: "boolean", help: "also for a pull request from a fork" },
  fips: { type: "boolean", env: ["AWS_USE_FIPS_ENDPOINT"], help: "ask the FIPS endpoint" },
  timeout: {
    type: "string",
    value: "TIME",
    env: ["ROLECALL_TIMEOUT"],
    help: "for token and exchange together: 20, 45s, 2m",
  },
} as const satisfies Options;

export const JOB_OPTIONS = { ...TOKEN_OPTIONS, ...EXCHANGE_OPTIONS } as const satisfies Options;

/** For commands that hand over one session. */
export const EXISTING_OPTION = {
  "use-existing": { type: "boolean", help: "keep the session of the environment while it works" },
} as const satisfies Options;
