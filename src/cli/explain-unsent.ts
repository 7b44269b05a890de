import { existsSync, readFileSync } from "node:fs";
import { readRoleArn } from "../core/arn.ts";
import { isRolecallError } from "../core/errors.ts";
import type { Token } from "../core/token.ts";
import { findFork } from "../credentials/fork.ts";
import { CATALOGUE } from "../doctor/catalogue.ts";
import { checkFork } from "../doctor/check-environment.ts";
import { checkInputs } from "../doctor/check-inputs.ts";
import { checkSize } from "../doctor/check-token.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkFile, noToken } from "./doctor-token.ts";
import { EXPLAIN_OPTIONS, type ExplainInput, givenSessionName, readJobToken } from "./explain-input.ts";
import { detectCi } from "./find-token.ts";
import type { Io } from "./io.ts";
import { type Colors, colorsFor } from "./render/colors.ts";
import { printable } from "./report.ts";

/** A token to go on with, or why no exchange would be tried. */
export type Sendable =
  | { readonly kind: "token"; readonly token: Token }
  | { readonly kind: "unsent"; readonly findings: readonly Finding[] };

/**
 * Reads the token, and looks for what STS or the job itself refuses before any policy counts: the role's ARN, the
 * session's name, a token that is none.
 *
 * @throws RolecallError as {@link readJobToken}, where the catalogue has no entry for it
 */
export async function readSendable(options: ExplainInput, role: string, io: Io): Promise<Sendable> {
  const ofInputs = wrong(
    checkInputs({ role: roleToCheck(options, role, io), sessionName: givenSessionName(options, io) }),
  );
  if (ofInputs.length > 0) return { kind: "unsent", findings: ofInputs };
  try {
    const token = await readJobToken(options, role, io);
    const findings = wrong(checkSize(token));
    return findings.length > 0 ? { kind: "unsent", findings } : { kind: "token", token };
  } catch (error) {
    if (!isRolecallError(error) || options.as !== undefined) throw error;
    const findings = wrong(await ofToken(error, options, io));
    if (findings.length === 0) throw error;
    return { kind: "unsent", findings };
  }
}

async function ofToken(
  error: Parameters<typeof noToken>[0],
  options: ExplainInput,
  io: Io,
): Promise<readonly Finding[]> {
  if (options["token-file"] !== undefined) return checkFile(options["token-file"]);
  const fork = findFork(io.env, (path) => readFileSync(path, "utf8"));
  // That a fork has no token is right, and what else would be missing no matter.
  const ofFork = fork === null ? [] : wrong(checkFork(fork, detectCi(io)?.ci.name ?? ""));
  return ofFork.length > 0 ? ofFork : [noToken(error, io)];
}

/** A name of rolecall.yaml is looked up there; what was meant as an ARN is looked at here. */
function roleToCheck(
  { policy, config }: ExplainInput,
  role: string,
  { env }: Io,
): { value: string; from: string } | null {
  const name = EXPLAIN_OPTIONS.role.env.find((one) => env[one] !== undefined);
  if (role !== "") {
    const from = name !== undefined && env[name] === role ? name : "--role";
    return /^arn:|[\s$]/.test(role) && readRoleArn(role) === null ? { value: role, from } : null;
  }
  const isAsked = policy === undefined && config === undefined && !existsSync("rolecall.yaml");
  return isAsked && name !== undefined ? { value: "", from: name } : null;
}

function wrong(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ state, failure }) => state === "bad" && failure !== undefined);
}

/** @returns exit status */
export function explainUnsent(findings: readonly Finding[], options: ExplainInput, io: Io): number {
  if (options.json) io.out(`${JSON.stringify({ unsent: findings }, null, 2)}\n`);
  else io.out(`${renderUnsent(findings, colorsFor(io, options)).join("\n")}\n`);
  return 3;
}

function renderUnsent(findings: readonly Finding[], colors: Colors): readonly string[] {
  return [
    colors.bad("refused before STS looks at any policy"),
    ...findings.flatMap(({ failure = "", says, fix }) => [
      `why      ${colors.strong(failure)} ${CATALOGUE.get(failure)?.title ?? ""}`,
      `decided  ${printable(says)}`,
      ...(fix === undefined ? [] : [`fix      ${colors.good(printable(fix))}`]),
    ]),
    colors.faint(`rolecall help ${findings[0]?.failure ?? ""} tells more; rolecall doctor looks at the rest`),
  ];
}
