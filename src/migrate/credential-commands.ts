import { commandsOf, type ShellCommand } from "./shell-commands.ts";
import { withoutStandIns } from "./stand-in-keys.ts";

/** The variables that hold a key. `AWS_SECURITY_TOKEN` is the older name of the session token. */
export const KEY_NAMES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
] as const;

const KEY = `(?:${KEY_NAMES.join("|")})`;
const OIDC = String.raw`(?:AWS_WEB_IDENTITY_TOKEN_FILE|AWS_ROLE_ARN|AWS_ROLE_SESSION_NAME)`;
const WORD = String.raw`(?:"(?:\\.|\$\((?:[^()]|\([^()]*\))*\)|[^"\\])*"|'[^']*'|\$\((?:[^()]|\([^()]*\))*\)|\\.|[^\s"'\\$]|\$(?!\())*`;

/** What a command has to do with credentials. */
export type Role =
  /** It sets keys or asks for them by hand; rolecall's line takes its place. */
  | "sets"
  /** It only serves one that does: the folder, the file of the token. */
  | "serves"
  /** It has to do with them in a way that nothing here can rewrite. */
  | "touches"
  | "other";

const SETS: readonly RegExp[] = [
  new RegExp(`^(?:export )?(?:${KEY}=${WORD} ?)+$`),
  new RegExp(`^export(?: ${KEY})+$`),
  new RegExp(`^export (?:${OIDC}=${WORD} ?)+$`),
  /^export \$\(\s*printf (["']).*AWS_ACCESS_KEY_ID=%s.*\1 \$\(\s*aws sts assume-role-with-web-identity [^()]*\)\s*\)$/,
  /^aws configure set (?:--profile default )?(?:default\.)?(?:aws_access_key_id|aws_secret_access_key|aws_session_token|role_arn|web_identity_token_file) \S+(?: --profile default)?$/,
  /^(?:export )?[A-Za-z_]\w*="?(?:\$\(|\(\$\()\s*aws sts assume-role-with-web-identity [^()]*\)\)?"?$/,
  /^aws sts assume-role-with-web-identity [^()|]*> ?\S+$/,
  /^(?:npx )?(?:serverless|sls) config credentials (?=.*--?k(?:ey)?[ =])(?=.*--?s(?:ecret)?[ =])[^|;&]*$/,
  // How a CircleCI step hands a variable to the next.
  new RegExp(`^echo (["']?)export ${KEY}=[^"'|;&]*\\1 >> ?"?\\$\\{?BASH_ENV\\}?"?$`),
  /^(?:echo|printf)(?: -e)? (["'])(?:(?!\1).)*(?:web_identity_token_file|aws_access_key_id|aws_secret_access_key|aws_session_token)(?:(?!\1).)*\1 >>? ?(?:~|\$HOME|\$\{HOME\}|\/root)\/\.aws\/(?:config|credentials)$/,
];

const SERVES: readonly RegExp[] = [
  /^mkdir (?:-p )?(?:~|\$HOME|\$\{HOME\}|\/root)\/\.aws\/?$/,
  /^(?:echo|printf)(?: -n| '%s'| "%s")? "?\$\{?[A-Z_]*(?:OIDC|JWT|ID_TOKEN|WEB_IDENTITY|ROLECALL)[A-Z0-9_]*\}?"? > ?\S+$/,
  /^echo (["']?)\[default\]\1 >>? ?(?:~|\$HOME|\$\{HOME\}|\/root)\/\.aws\/(?:config|credentials)$/,
];

const TOUCHES = new RegExp(
  `${KEY}|aws_access_key_id|aws_secret_access_key|web_identity_token_file|assume-role-with-web-identity|AWS_WEB_IDENTITY_TOKEN_FILE|\\.aws/credentials|(?:serverless|sls) config credentials|CI_JOB_JWT|\\bA(?:KIA|SIA)[A-Z2-7]{16}\\b`,
);

/** The old token is Vault's as well: what hands it to Vault has nothing to do with AWS. */
export function isForVault(text: string): boolean {
  return /\bCI_JOB_JWT/.test(text) && /\bvault\b|VAULT_|\bjwt=/.test(text) && !/\baws\b|\.aws|AWS_/.test(text);
}

export function roleOf({ text: whole }: ShellCommand): Role {
  const text = withoutStandIns(whole);
  if (text !== whole && !TOUCHES.test(text)) return "other";
  if (SETS.some((pattern) => pattern.test(text))) return "sets";
  if (SERVES.some((pattern) => pattern.test(text))) return "serves";
  if (isForVault(text)) return "other";
  return TOUCHES.test(text) ? "touches" : "other";
}

/** What commands written by hand say of the exchange, in the shell's own words. */
export interface ByHand {
  /** `${ROLE_ARN}`, `arn:aws:iam::…`; null where keys are set and no role is named. */
  readonly role: string | null;
  /** The variable with the ID token. */
  readonly token: string | null;
  readonly duration: string | null;
  readonly session: string | null;
}

/** @returns what is named more than once in different ways as `conflict` */
export function byHandOf(commands: readonly string[]): ByHand | { readonly conflict: string } {
  const text = commands.join("\n");
  const roles = all(
    text,
    /--role-arn[ =]("[^"]*"|'[^']*'|\S+)|role_arn ?= ?([^\s\\"']+)|\bAWS_ROLE_ARN=("[^"]*"|'[^']*'|\S+)|configure set (?:default\.)?role_arn (\S+)/g,
  );
  const tokens = all(
    text,
    /--web-identity-token[ =]"?\$\{?(\w+)\}?"?|(?:echo|printf)(?: -n| '%s'| "%s")? "?\$\{?([A-Z_]*(?:OIDC|JWT|ID_TOKEN|WEB_IDENTITY|ROLECALL)[A-Z0-9_]*)\}?"? >/g,
  );
  const [duration, ...durations] = all(text, /--duration-seconds[ =](\S+)/g);
  const [session, ...sessions] = all(
    text,
    /--role-session-name[ =]("[^"]*"|'[^']*'|\S+)|\bAWS_ROLE_SESSION_NAME=("[^"]*"|'[^']*'|\S+)/g,
  );
  if (new Set(roles.map(bare)).size > 1) return { conflict: "it takes two roles" };
  if (new Set(tokens).size > 1) return { conflict: "it uses two ID tokens" };
  if (durations.length + sessions.length > 0) return { conflict: "it calls STS twice" };
  return { role: roles[0] ?? null, token: tokens[0] ?? null, duration: duration ?? null, session: session ?? null };
}

/** The variable that commands take their key from; the key itself is cut to its kind. Null where none is set. */
export function keyNamedIn(text: string): string | null {
  const found =
    /(?:AWS_ACCESS_KEY_ID=|set (?:default\.)?aws_access_key_id |--key[ =])["']?(\$\{?[A-Za-z_]\w*\}?|A[A-Z2-7]{19})["']?(?=\s|$)/.exec(
      text,
    )?.[1];
  return found === undefined ? null : bare(found);
}

function bare(word: string): string {
  return word.replaceAll(/["'{}]/g, "");
}

function all(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups.find((group) => group !== undefined) ?? "");
}

/** What the commands of one script item come to. */
export interface ItemReading {
  readonly commands: readonly (ShellCommand & { readonly role: Role })[];
  /** Every command sets credentials or serves one that does. */
  readonly isCredentials: boolean;
  readonly sets: boolean;
  readonly touching: string | null;
}

export function readItem(script: string): ItemReading {
  const commands = commandsOf(script).map((command) => ({ ...command, role: roleOf(command) }));
  const sets = commands.some(({ role }) => role === "sets");
  return {
    commands,
    sets,
    isCredentials: sets && commands.every(({ role }) => role === "sets" || role === "serves"),
    touching: commands.find(({ role }) => role === "touches")?.text ?? null,
  };
}
