import { setTimeout as pause } from "node:timers/promises";
import { audit, type Audit } from "../../doctor/audit.ts";
import type { ActiveKey } from "../../doctor/audit-keys.ts";
import { callerIdentity } from "../../wire/aws-sdk.ts";
import { readAccount } from "../../wire/aws-sdk/audit-calls.ts";
import { accountFromFiles, accountFromIam } from "../audit-source.ts";
import { defineCommand } from "../command.ts";
import { counted, FINDINGS_OPTIONS, planFindings, printFindings } from "../findings.ts";
import type { Io } from "../io.ts";
import { note } from "../report.ts";

const OPTIONS = {
  file: {
    type: "string",
    value: "FILE",
    multiple: true,
    help: "a saved account instead: its details, its providers, its credential report; may be repeated",
  },
  "endpoint-url": {
    type: "string",
    value: "URL",
    env: ["AWS_ENDPOINT_URL"],
    help: "another AWS to ask, for example the local cloud's",
  },
  ...FINDINGS_OPTIONS,
} as const;

export default defineCommand({
  name: "audit",
  summary: "judge every role and OIDC provider of an account, and tell which access keys are still in use",
  usage: "[options]",
  examples: [
    ["rolecall audit", "the account of the credentials in use; it only reads"],
    ["aws iam get-account-authorization-details > account.json", "by somebody who may, and then"],
    ["rolecall audit --file account.json", "without credentials, on another machine"],
    ["rolecall audit --format junit --fail-on critical", "in a scheduled job"],
  ],
  options: OPTIONS,
  notes:
    "Exit status: 0 without findings of that severity, 3 with. It needs iam:GetAccountAuthorizationDetails,\n" +
    "iam:ListRoles, iam:ListOpenIDConnectProviders, iam:GetOpenIDConnectProvider, and for the access keys\n" +
    "iam:GenerateCredentialReport and iam:GetCredentialReport.",
  async run({ options }, io) {
    const plan = await planFindings("audit", options, io);
    const { account, requests } = options.file.length > 0 ? await fromFiles(options.file) : await fromIam(options, io);
    const result = audit(account, io.now(), options.subject);
    if (!options.quiet)
      for (const { resource, reason } of result.unread) note(io, `${resource} was not judged: ${reason}`);
    const { from, counts, keys } = result;
    const told = {
      json: { from, counts, requests, accessKeys: keys },
      tail: [...keyLines(keys, io.now(), requests !== null), countLine(result, requests)],
    };
    return await printFindings(plan, result.findings, told, options, io);
  },
});

type Read = { readonly account: Awaited<ReturnType<typeof accountFromFiles>>; readonly requests: number | null };

async function fromFiles(files: readonly string[]): Promise<Read> {
  return { account: await accountFromFiles(files), requests: null };
}

async function fromIam(
  options: { readonly "endpoint-url": string | undefined; readonly quiet: boolean },
  io: Io,
): Promise<Read> {
  const aws = { endpoint: options["endpoint-url"] };
  const { account } = await callerIdentity(aws);
  const progress = (roles: number): void => {
    if (!options.quiet) note(io, `read ${counted(roles, "role")} of ${account}`);
  };
  const reading = await readAccount(aws, progress, async (milliseconds) => await pause(milliseconds));
  return { account: accountFromIam(reading, account), requests: reading.requests };
}

function countLine({ from, counts }: Audit, requests: number | null): string {
  const asked = requests === null ? "" : `; ${counted(requests, "request")}`;
  return `${from}: ${counted(counts.roles, "role")}, ${counts.forTokens} of them for OIDC tokens; ${counted(counts.providers, "provider")}${asked}`;
}

const DAY = 24 * 3600 * 1000;
const RECENT = 90;

/** Keys that were used lately, or may be at any time. */
function keyLines(keys: readonly ActiveKey[] | null, now: number, isLive: boolean): readonly string[] {
  if (keys === null) return isLive ? ["active access keys: not known, the credential report cannot be read", ""] : [];
  if (keys.length === 0) return [];
  const used = keys.filter(({ lastUsed }) => lastUsed !== null && now - lastUsed <= RECENT * DAY);
  return [
    `active access keys: ${keys.length}, ${used.length} of them used within ${RECENT} days`,
    ...used.map(({ user, number, lastUsed, service, region }) => {
      const days = Math.floor((now - (lastUsed ?? now)) / DAY);
      return `  ${user} key ${number}: ${days} days ago, ${service || "an unknown service"} in ${region || "an unknown region"}`;
    }),
    "",
  ];
}
