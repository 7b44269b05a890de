import { parseRoleArn, type RoleArn } from "../../core/arn.ts";
import type { Credentials } from "../../core/credentials.ts";
import { isRolecallError, RolecallError } from "../../core/errors.ts";
import { parseExternalId, parseTags, type SessionTag } from "../../credentials/session-tags.ts";
import { assumeNextRole } from "../../wire/sts-chain.ts";
import type { Chain, Narrowing, Plan } from "../exchange-token.ts";
import type { JobInput } from "../given.ts";

/** What the roles are given. */
interface Given {
  readonly tags: readonly SessionTag[];
  readonly transitiveTags: readonly string[];
  readonly externalId: string | undefined;
}

/** A chain as data, too: what a kept session is told apart by. */
export type TaggedChain = Chain & Given;

/** Seconds: the most that AWS gives a role that is taken from another, and enough to take the next. */
const CAP = 3600;
const ON_THE_WAY = 900;

/** @throws RolecallError `usage`, `config` */
export function planChain(options: JobInput, narrowing: Narrowing): TaggedChain {
  // ARNs may hold a comma; a new one begins behind it.
  const roles = options.then.flatMap((text) => text.split(/,(?=arn:|$)/)).map((arn) => parseRoleArn(arn, "--then"));
  if (roles.length === 0)
    throw new RolecallError("usage", "--tag, --transitive-tag and --external-id are for the role behind --then", {
      hints: ["tags of the first session stand in the ID token, where the CI puts them"],
    });
  if (narrowing.duration !== undefined && narrowing.duration > CAP)
    throw new RolecallError(
      "usage",
      `a role that is taken from another lasts 1 h at most: expected a duration of 15m to 1h with --then, got ${narrowing.duration} s`,
      { hints: ["for longer jobs: rolecall exec --renew, rolecall login, which take it anew before it ends"] },
    );
  const chain: TaggedChain = {
    roles,
    first: { duration: ON_THE_WAY },
    last: narrowing,
    ...parseTags(options.tag, options["transitive-tag"]),
    externalId: options["external-id"] === undefined ? undefined : parseExternalId(options["external-id"]),
    follow: (plan, first, env) => followChain(plan, chain, first, env),
  };
  return chain;
}

async function followChain(
  { call: { endpoint, sessionName }, region }: Plan,
  chain: TaggedChain,
  first: Credentials,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credentials> {
  let session = first;
  for (const [at, role] of chain.roles.entries()) {
    const isLast = at === chain.roles.length - 1;
    const next = {
      role,
      sessionName,
      externalId: chain.externalId,
      // Transitive ones go on by themselves, and AWS refuses to be given them again.
      ...(at === 0 ? { tags: chain.tags, transitiveTags: chain.transitiveTags } : {}),
      ...(isLast ? chain.last : { duration: ON_THE_WAY }),
    };
    session = await assumeNextRole({ endpoint: endpoint.href, region, credentials: session, env }, next).catch(
      (error: unknown) => {
        throw explain(error, session, role, chain);
      },
    );
  }
  return session;
}

function explain(error: unknown, from: Credentials, role: RoleArn, chain: TaggedChain): unknown {
  if (!isRolecallError(error)) return error;
  const { code, message, details } = error;
  return new RolecallError(code, message, { details, hints: hintsFor(message, from, role, chain), cause: error });
}

function hintsFor(
  message: string,
  { role: session }: Credentials,
  role: RoleArn,
  chain: TaggedChain,
): readonly string[] {
  const by = principalOf(session);
  if (message.includes("sts:TagSession"))
    return [
      `the tags are refused, not the role: allow sts:TagSession beside sts:AssumeRole to ${by} in the trust policy of ${role.name}, and in the policies of ${by}`,
    ];
  if (message.includes("1 hour session limit")) return ["leave --duration out, or ask for 1h at most"];
  if (!/AccessDenied/.test(message)) return [];
  const external = chain.externalId === undefined ? "; if it asks for sts:ExternalId: --external-id" : "";
  return [
    `the trust policy of ${role.arn} must allow sts:AssumeRole to ${by}${external}`,
    `and the policies of ${by} must allow sts:AssumeRole on ${role.arn}`,
  ];
}

/** The role of a session, as policies name it; its path, which a session does not tell, left out. */
function principalOf(session: string): string {
  const [, partition = "aws", , , account = "", resource = ""] = session.split(":");
  return `arn:${partition}:iam::${account}:role/${resource.split("/")[1] ?? ""}`;
}
