import type { Credentials } from "../core/credentials.ts";

/** One way of handing credentials over. */
interface Format {
  readonly meaning: string;
  /** Windows line ends would become part of the value in Git Bash; the AWS CLI forces LF for the same ones. */
  readonly lf: boolean;
  readonly line?: (name: string, value: string) => string;
  /** What to print when the exchange failed, so that the shell which evaluates it fails too (F73). */
  readonly failure?: string;
}

/**
 * The formats of `aws configure export-credentials`, byte for byte, and `json` with what that leaves out.
 * Source: aws-cli, awscli/customizations/configure/exportcreds.py.
 */
export const FORMATS = {
  process: { meaning: "the JSON of a credential_process", lf: false },
  env: {
    meaning: 'for eval "$(...)" in sh, bash, zsh',
    lf: true,
    line: (name, value) => `export ${name}=${value}`,
    failure: "false",
  },
  "env-no-export": {
    meaning: "NAME=value lines, for docker --env-file",
    lf: true,
    line: (name, value) => `${name}=${value}`,
    failure: "false",
  },
  powershell: {
    meaning: "for Invoke-Expression",
    lf: false,
    line: (name, value) => `$Env:${name}="${value}"`,
    failure: 'throw "rolecall: no credentials"',
  },
  "windows-cmd": {
    meaning: "set lines for cmd.exe",
    lf: false,
    line: (name, value) => `set ${name}=${value}`,
    failure: "exit /b 1",
  },
  fish: {
    meaning: "for | source in fish",
    lf: true,
    line: (name, value) => `set -gx ${name} "${value}"`,
    failure: "false",
  },
  json: { meaning: "the same JSON, with account, role session and region", lf: false },
} as const satisfies Record<string, Format>;

/** Ways to hand over to the later steps of a job, in its CI's own words; `cli/chunks/hand-over` has them. */
export const HAND_OVERS = {
  github: "for later steps: masked, then GITHUB_ENV, GITHUB_OUTPUT and the step summary",
  circleci: "for later steps: appended to BASH_ENV",
  azure: "for later steps: secret variables of the job",
  buildkite: "for later hooks of the job: buildkite-agent redactor and env; or a file (-o)",
  gitlab: "a file to source, whose path is printed; never a dotenv artifact",
} as const;

export type HandOverName = keyof typeof HAND_OVERS;

export function isHandOverName(text: string): text is HandOverName {
  return Object.hasOwn(HAND_OVERS, text);
}

export type FormatName = keyof typeof FORMATS;

export function isFormatName(text: string): text is FormatName {
  return Object.hasOwn(FORMATS, text);
}

export interface RenderOptions {
  /** The platform's line end. */
  readonly eol: string;
  readonly region?: string | undefined;
}

/** Credentials as text, final line end included. The secrets are in it. */
export function renderCredentials(name: FormatName, credentials: Credentials, options: RenderOptions): string {
  const format: Format = FORMATS[name];
  const eol = format.lf ? "\n" : options.eol;
  const { line } = format;
  if (line)
    return variables(credentials)
      .map(([key, value]) => line(key, value) + eol)
      .join("");
  const extra = name === "json" ? details(credentials, options.region) : {};
  return JSON.stringify({ ...processFields(credentials), ...extra }, null, 2).replaceAll("\n", eol) + eol;
}

/** What to print for a failed exchange; nothing where the consumer reads the exit status. */
export function renderFailure(name: FormatName, eol: string): string {
  const { failure, lf }: Format = FORMATS[name];
  return failure === undefined ? "" : failure + (lf ? "\n" : eol);
}

/** The variables of a session, in the AWS CLI's order. */
export function variables(credentials: Credentials): readonly (readonly [string, string])[] {
  return [
    ["AWS_ACCESS_KEY_ID", credentials.accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey.reveal()],
    ["AWS_SESSION_TOKEN", credentials.sessionToken.reveal()],
    ["AWS_CREDENTIAL_EXPIRATION", formatExpiration(credentials.expiration)],
  ];
}

function processFields(credentials: Credentials): Record<string, string | number> {
  return {
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey.reveal(),
    SessionToken: credentials.sessionToken.reveal(),
    Expiration: formatExpiration(credentials.expiration),
  };
}

function details({ role }: Credentials, region: string | undefined): Record<string, string> {
  return { AccountId: role.split(":")[4] ?? "", AssumedRoleArn: role, ...(region ? { Region: region } : {}) };
}

/** As Python's isoformat() writes an aware time: `+00:00`, and no fraction when it is zero, else six digits. */
function formatExpiration(date: Date): string {
  return date
    .toISOString()
    .replace(".000Z", "Z")
    .replace(/\.(\d{3})Z$/, ".$1000Z")
    .replace("Z", "+00:00");
}
