import { issuerName, parseRoleArn, providerArn, type RoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { type Candidate, candidatesFor, causesOf } from "../core/failures.ts";
import { shellWord } from "../core/shell-word.ts";
import { audiencesOf, showClaim, textClaim, type Token } from "../core/token.ts";
import { CATALOGUE, entriesSaying } from "../doctor/catalogue.ts";
import { explain } from "../doctor/explain.ts";
import { readErrorText } from "../doctor/error-text.ts";
import { type ExplainInput, readJobToken, requestOf } from "./explain-input.ts";
import { detectCi } from "./find-token.ts";
import type { Io } from "./io.ts";
import { type Colors, colorsFor } from "./render/colors.ts";
import { printable } from "./report.ts";
import { readRoleView } from "./role-source.ts";

/** Stands in the commands of a fix where nobody has told the role. */
const SOME_ROLE = "arn:aws:iam::123456789012:role/ROLE";

/** Only the text is known, and perhaps the token: the causes it may stand for, likeliest first. */
export async function explainText(pasted: string, options: ExplainInput, io: Io): Promise<number> {
  const text = pasted === "-" ? await io.readStdin() : pasted;
  const { code, message } = readErrorText(text);
  const token = await tokenIfAny(options, io);
  const role = parseRoleArn(options.role ?? SOME_ROLE, "--role");
  const listed: readonly Cause[] = token
    ? candidatesFor(code, message, { claims: token.claims, role, now: io.now(), stsDate: null })
    : causesOf(code, message);
  const ofSts =
    token && listed.length > 0 && options.role !== undefined ? await byPolicy(listed, token, options, io) : listed;
  const causes =
    ofSts.length > 0
      ? ofSts
      : entriesSaying(text).map(({ id, title, fixes }) => ({ id, title, fix: fixes.join("; or ") }));
  if (causes.length === 0) {
    throw new RolecallError("usage", "explain: this text is none that STS is known to say", {
      hints: ["paste it whole, from the code on: AccessDenied … Not authorized to perform …"],
    });
  }
  const ask = ofSts.length > 0 ? asks(token, role) : [];
  if (options.json) io.out(`${JSON.stringify({ code, message, causes, ask }, null, 2)}\n`);
  else renderCauses(causes, ask, token !== null, colorsFor(io, options), io);
  return 3;
}

/** Refusals that pass by themselves, where nothing is wrong with the policy. */
const PASSING = ["F52", "F54", "F55"];

/** With the policy at hand the causes are not guessed: it is what the policy shows, or one that passes by itself. */
async function byPolicy(
  listed: readonly Cause[],
  token: Token,
  options: ExplainInput,
  io: Io,
): Promise<readonly Cause[]> {
  const view = await readRoleView(options, options.role ?? "", token.claims).catch(() => null);
  if (view === null) return listed;
  const { decision, refusal } = explain(requestOf(token, view, options, io));
  if (decision.outcome === "allowed") {
    return PASSING.flatMap((id) => CATALOGUE.get(id) ?? []).map(({ id, title, fixes }) => ({
      id,
      title,
      evidence: `${view.from} allows this token now`,
      fix: fixes.join("; or "),
    }));
  }
  const { failure, fixes = [] } = refusal ?? {};
  if (!failure) return listed;
  const [fix] = fixes;
  return [
    { ...failure, evidence: `by ${view.from}`, ...(fix ? { fix: `${fix.where}: ${fix.text}` } : {}) },
    ...listed.filter(({ id }) => id !== failure.id),
  ];
}

/** What STS says to nearly every mistake in a trust policy. */
const DENIED = { code: "AccessDenied", message: "Not authorized to perform sts:AssumeRoleWithWebIdentity" };

/** IAM may not be read: what the token alone shows, and what to ask for, so that it can be known. */
export function explainUnread(token: Token, role: RoleArn, options: ExplainInput, io: Io): void {
  const causes = candidatesFor(DENIED.code, DENIED.message, {
    claims: token.claims,
    role,
    now: io.now(),
    stsDate: null,
  });
  const ask = asks(token, role);
  if (options.json) io.out(`${JSON.stringify({ ...DENIED, causes, ask }, null, 2)}\n`);
  else renderCauses(causes, ask, true, colorsFor(io, options), io);
}

function renderCauses(causes: readonly Cause[], ask: readonly string[], known: boolean, colors: Colors, io: Io): void {
  for (const { id, title, evidence, fix } of causes) {
    io.out(`${colors.strong(id)} ${title}${evidence ? ` (${printable(evidence)})` : ""}\n`);
    if (fix) io.out(`    ${colors.good(printable(fix))}\n`);
  }
  if (ask.length > 0)
    io.out(`to know which, ask an administrator for\n${ask.map((line) => `    ${printable(line)}\n`).join("")}`);
  if (!known) io.out("with the token more can be told: rolecall explain in the job, or --token-file FILE\n");
}

/** What to ask an administrator for: the facts, and the statement that would let this very job in. */
function asks(token: Token | null, role: RoleArn): readonly string[] {
  const facts = [
    `aws iam get-role --role-name ${shellWord(role.name)} > role.json   # then: rolecall explain --policy role.json`,
  ];
  if (!token) return facts;
  const issuer = issuerName(textClaim(token.claims, "iss") ?? "");
  const provider = providerArn(textClaim(token.claims, "iss") ?? "", role.account, role.partition);
  const audience = textClaim(token.claims, "azp") ?? audiencesOf(token.claims)[0] ?? "";
  const statement = {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: showClaim(token.claims, "sub") } },
  };
  return [
    ...facts,
    `aws iam get-open-id-connect-provider --open-id-connect-provider-arn ${shellWord(provider)}`,
    `if this job is meant to have it, in the trust policy: ${JSON.stringify(statement)}`,
  ];
}

type Cause = Pick<Candidate, "title"> & Partial<Omit<Candidate, "id">> & { readonly id: string };

async function tokenIfAny(options: ExplainInput, io: Io): Promise<Token | null> {
  if (options.as === undefined && options["token-env"] === undefined && options["token-file"] === undefined) {
    if (!detectCi(io)) return null;
  }
  return readJobToken(options, "", io);
}
