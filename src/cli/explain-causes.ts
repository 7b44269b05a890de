import { CIS } from "../ci/index.ts";
import { issuerName, parseRoleArn, providerArn, type RoleArn } from "../core/arn.ts";
import { isRolecallError, RolecallError } from "../core/errors.ts";
import { type Candidate, candidatesFor, causesOf } from "../core/failures.ts";
import { matchGlob, parseGlob } from "../core/glob.ts";
import type { Condition } from "../core/policy.ts";
import { shellWord } from "../core/shell-word.ts";
import { audiencesOf, showClaim, textClaim, type Token } from "../core/token.ts";
import { CATALOGUE, entriesSaying } from "../doctor/catalogue.ts";
import { explain } from "../doctor/explain.ts";
import { readErrorText } from "../doctor/error-text.ts";
import type { SignatureVerdict } from "../doctor/signature-verdict.ts";
import { besideExchange, renderBeside } from "./explain-beside.ts";
import { type ExplainInput, readJobToken, requestOf } from "./explain-input.ts";
import { readSignature } from "./explain-signature.ts";
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
  const ofSts = token === null ? listed : await judged(listed, text, token, options, io);
  const causes =
    ofSts.length > 0
      ? ofSts
      : entriesSaying(text).map(({ id, title, fixes }) => ({ id, title, fix: fixes.join("; or ") }));
  if (causes.length === 0) {
    throw new RolecallError("usage", "explain: this text is none that STS is known to say", {
      hints: ["paste it whole, from the code on: AccessDenied … Not authorized to perform …"],
    });
  }
  // IAM refuses a policy in which the statement is missing that is asked for here.
  const ask = ofSts.length > 0 || (token && causes[0]?.id === "F34") ? asks(token, role) : [];
  if (options.json) io.out(`${JSON.stringify({ code, message, causes, ask }, null, 2)}\n`);
  else renderCauses(causes, ask, token !== null || ofSts.length === 0, colorsFor(io, options), io);
  return 3;
}

/** Refusals that pass by themselves, where nothing is wrong with the policy. */
const PASSING = ["F52", "F54", "F55"];

/** With policy or keys at hand the causes are not guessed: it is what they show, or one that passes by itself. */
async function judged(
  listed: readonly Cause[],
  text: string,
  token: Token,
  options: ExplainInput,
  io: Io,
): Promise<readonly Cause[]> {
  if (listed.length === 0) return listed;
  if (options.role !== undefined || options.policy !== undefined) return byPolicy(listed, text, token, options, io);
  return /verification key/.test(text) ? byKeys(listed, text, await readSignature(token, options, io)) : listed;
}

function byKeys(listed: readonly Cause[], text: string, signature: SignatureVerdict): readonly Cause[] {
  const { state, says, failure, fix } = signature;
  if (state === "valid") return [...passing(text, says), ...listed];
  const entry = CATALOGUE.get(failure ?? "");
  if (!entry) return listed;
  const { id, title } = entry;
  const first = { id, title, evidence: says, ...(fix === undefined ? {} : { fix }) };
  return [first, ...listed.filter((one) => one.id !== id)];
}

async function byPolicy(
  listed: readonly Cause[],
  text: string,
  token: Token,
  options: ExplainInput,
  io: Io,
): Promise<readonly Cause[]> {
  const view = await readRoleView(options, options.role ?? "", token.claims).catch(() => null);
  const signature = await readSignature(token, options, io);
  if (view === null) return byKeys(listed, text, signature);
  const { decision, refusal } = explain(requestOf(token, view, signature, options, io));
  if (decision.outcome === "allowed") return passing(text, `${view.from} allows this token now`);
  const { failure, fixes = [] } = refusal ?? {};
  if (!failure) return listed;
  const [fix] = fixes;
  return [
    { ...failure, evidence: `by ${view.from}`, ...(fix ? { fix: `${fix.where}: ${fix.text}` } : {}) },
    ...listed.filter(({ id }) => id !== failure.id),
  ];
}

/** Those that have this text, and what of now shows that it has passed. */
function passing(text: string, evidence: string): readonly Cause[] {
  return entriesSaying(text)
    .filter(({ id }) => PASSING.includes(id))
    .toSorted((a, b) => a.id.localeCompare(b.id))
    .map(({ id, title, fixes }) => ({ id, title, evidence, fix: fixes.join("; or ") }));
}

/** What STS says to nearly every mistake in a trust policy. */
const DENIED = { code: "AccessDenied", message: "Not authorized to perform sts:AssumeRoleWithWebIdentity" };

/**
 * IAM may not be read: what the token alone shows, what stands beside it in this place, which may be why IAM answers
 * somebody else, and what to ask for, so that it can be known.
 */
export async function explainUnread(token: Token, role: RoleArn, options: ExplainInput, io: Io): Promise<void> {
  const causes = candidatesFor(DENIED.code, DENIED.message, {
    claims: token.claims,
    role,
    now: io.now(),
    stsDate: null,
  });
  const ask = asks(token, role);
  const beside = await besideExchange(options, role.arn, io);
  if (options.json) {
    io.out(`${JSON.stringify({ ...DENIED, causes, ask, beside }, null, 2)}\n`);
    return;
  }
  const colors = colorsFor(io, options);
  renderCauses(causes, ask, true, colors, io);
  const heading = "tools in this place may fail whatever the role says, or be somebody else:";
  for (const line of renderBeside(beside, heading, colors)) io.out(`${line}\n`);
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
  const condition: Record<string, Record<string, string>> = { StringEquals: { [`${issuer}:aud`]: audience } };
  for (const { operator, key, values } of ownConditions(token)) (condition[operator] ??= {})[key] = values[0] ?? "";
  const statement = {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: condition,
  };
  return [
    ...facts,
    `aws iam get-open-id-connect-provider --open-id-connect-provider-arn ${shellWord(provider)}`,
    `if this job is meant to have it, in the trust policy: ${JSON.stringify(statement)}`,
  ];
}

/** What lets this job in and its next run too, in the words of its CI where that is known; else its subject. */
function ownConditions({ claims }: Token): readonly Condition[] {
  const issuer = textClaim(claims, "iss") ?? "";
  const sub = showClaim(claims, "sub");
  const [ci] = CIS.filter((one) => one.pretendedIssuer === issuer || one.issuer === issuer);
  const scope = ci?.scopeOf(claims) ?? null;
  const exact = [{ operator: "StringEquals", key: `${issuerName(issuer)}:sub`, values: [sub] }];
  const own = ci && scope ? ci.conditions(issuer, scope) : exact;
  // A form of sub that its CI's own conditions do not fit is trusted as it is.
  const fits = own.every(
    ({ key, values }) => !key.endsWith(":sub") || values.some((one) => matchGlob(parseGlob(one), sub)),
  );
  return fits ? own : exact;
}

type Cause = Pick<Candidate, "title"> & Partial<Omit<Candidate, "id">> & { readonly id: string };

/** A text is enough: that there is no token either may be what it is about. */
async function tokenIfAny(options: ExplainInput, io: Io): Promise<Token | null> {
  const { as, "token-env": variable, "token-file": file, "token-command": command } = options;
  if ([as, variable, file, command].some((one) => one !== undefined)) return readJobToken(options, "", io);
  if (!detectCi(io)) return null;
  try {
    return await readJobToken(options, "", io);
  } catch (error) {
    if (isRolecallError(error)) return null;
    throw error;
  }
}
