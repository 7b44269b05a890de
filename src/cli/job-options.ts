import type { Options } from "./command.ts";

/** How the ID token is found. */
export const TOKEN_OPTIONS = {
  "token-env": { type: "string", value: "NAME", help: "take the ID token from this variable" },
  "token-file": { type: "string", value: "FILE", help: "take the ID token from this file; - is standard input" },
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
} as const satisfies Options;

export const JOB_OPTIONS = { ...TOKEN_OPTIONS, ...EXCHANGE_OPTIONS } as const satisfies Options;
