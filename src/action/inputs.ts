import { RolecallError } from "../core/errors.ts";

type Kind = "text" | "boolean" | "lines" | "number";

interface InputRow {
  readonly kind: Kind;
  /** Variables that stand in for an input that is not given, first one first. */
  readonly variables?: readonly string[];
}

/**
 * The inputs. Names, kinds and variables are those of aws-actions/configure-aws-credentials, so that a workflow moves
 * by one line. Source: its action.yml and README at v6.2.3; the variables as its `translateEnvVariables` has them.
 */
export const INPUTS = {
  "aws-region": { kind: "text", variables: ["AWS_REGION"] },
  "aws-profile": { kind: "text" },
  "overwrite-aws-profile": { kind: "boolean", variables: ["OVERWRITE_AWS_PROFILE"] },
  "role-to-assume": { kind: "text", variables: ["ROLE_TO_ASSUME"] },
  "aws-access-key-id": { kind: "text" },
  "aws-secret-access-key": { kind: "text" },
  "aws-session-token": { kind: "text" },
  "web-identity-token-file": { kind: "text", variables: ["WEB_IDENTITY_TOKEN_FILE"] },
  "role-chaining": { kind: "boolean", variables: ["ROLE_CHAINING"] },
  audience: { kind: "text", variables: ["AUDIENCE"] },
  "http-proxy": { kind: "text", variables: ["HTTPS_PROXY", "HTTP_PROXY"] },
  "no-proxy": { kind: "text", variables: ["NO_PROXY"] },
  "mask-aws-account-id": { kind: "boolean", variables: ["MASK_AWS_ACCOUNT_ID"] },
  "role-duration-seconds": { kind: "number", variables: ["ROLE_DURATION_SECONDS"] },
  "role-external-id": { kind: "text", variables: ["ROLE_EXTERNAL_ID"] },
  "role-session-name": { kind: "text", variables: ["ROLE_SESSION_NAME"] },
  "role-skip-session-tagging": { kind: "boolean", variables: ["ROLE_SKIP_SESSION_TAGGING"] },
  "transitive-tag-keys": { kind: "lines", variables: ["TRANSITIVE_TAG_KEYS"] },
  "inline-session-policy": { kind: "text", variables: ["INLINE_SESSION_POLICY"] },
  "managed-session-policies": { kind: "lines", variables: ["MANAGED_SESSION_POLICIES"] },
  "output-credentials": { kind: "boolean", variables: ["OUTPUT_CREDENTIALS"] },
  "output-env-credentials": { kind: "boolean" },
  "unset-current-credentials": { kind: "boolean", variables: ["UNSET_CURRENT_CREDENTIALS"] },
  "disable-retry": { kind: "boolean", variables: ["DISABLE_RETRY"] },
  "retry-max-attempts": { kind: "number", variables: ["RETRY_MAX_ATTEMPTS"] },
  "special-characters-workaround": { kind: "boolean", variables: ["SPECIAL_CHARACTERS_WORKAROUND"] },
  "use-existing-credentials": { kind: "boolean", variables: ["USE_EXISTING_CREDENTIALS"] },
  "allowed-account-ids": { kind: "text" },
  "force-skip-oidc": { kind: "boolean" },
  "action-timeout-s": { kind: "number" },
  "custom-tags": { kind: "text" },
  "sts-endpoint": { kind: "text" },
} as const satisfies Record<string, InputRow>;

export type InputName = keyof typeof INPUTS;

interface Values {
  /** Empty when not given. */
  readonly text: string;
  /** null when not given. */
  readonly boolean: boolean | null;
  readonly lines: readonly string[];
  /** null when not given, and for 0, which has always meant the same. */
  readonly number: number | null;
}

export type Inputs = { readonly [Name in InputName]: Values[(typeof INPUTS)[Name]["kind"]] };

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads all inputs as the runner passes them: `INPUT_` and the name in capitals, white space around it dropped.
 *
 * @throws RolecallError `config` for a value that is not of its input's kind
 */
export function readInputs(env: Env): Inputs {
  const entries = Object.entries(INPUTS).map(([name, row]: [string, InputRow]) => {
    return [name, READERS[row.kind](textOf(name, row, env), name)] as const;
  });
  return Object.fromEntries(entries) as Inputs;
}

function textOf(name: string, { variables = [] }: InputRow, env: Env): string {
  const places = [`INPUT_${name.toUpperCase()}`, ...variables];
  return places.map((place) => (env[place] ?? "").trim()).find((text) => text !== "") ?? "";
}

const READERS: { readonly [K in Kind]: (text: string, name: string) => Values[K] } = {
  text: (text) => text,
  boolean: readBoolean,
  lines: (text) =>
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  number: readNumber,
};

// YAML 1.2's core schema, which GitHub's own toolkit reads booleans by.
const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  TRUE: true,
  false: false,
  False: false,
  FALSE: false,
};

function readBoolean(text: string, name: string): boolean | null {
  if (text === "") return null;
  const value = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
  if (value !== undefined) return value;
  throw new RolecallError("config", `${name}: expected true or false, got ${JSON.stringify(text.slice(0, 40))}`);
}

function readNumber(text: string, name: string): number | null {
  if (text === "") return null;
  if (/^-?\d{1,9}$/.test(text)) return Number(text) || null;
  throw new RolecallError("config", `${name}: expected a whole number, got ${JSON.stringify(text.slice(0, 40))}`);
}
