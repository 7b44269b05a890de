import { readRoleArn } from "../../core/arn.ts";
import { isRolecallError, RolecallError } from "../../core/errors.ts";
import type { Token } from "../../core/token.ts";
import { explain } from "../../doctor/explain.ts";
import type { RoleView } from "../../doctor/role-view.ts";
import { defineCommand } from "../command.ts";
import { besideExchange, renderBeside } from "../explain-beside.ts";
import { explainText, explainUnread } from "../explain-causes.ts";
import { EXPLAIN_OPTIONS, type ExplainInput, givenRole, requestOf } from "../explain-input.ts";
import { readSignature } from "../explain-signature.ts";
import { explainUnsent, readSendable } from "../explain-unsent.ts";
import type { Io } from "../io.ts";
import { pretendedToken } from "../pretended-token.ts";
import { colorsFor } from "../render/colors.ts";
import { renderExplanation } from "../render/explanation.ts";
import { fixInForm } from "../render/fix-form.ts";
import { printable } from "../report.ts";
import { readRoleView } from "../role-source.ts";

export default defineCommand({
  name: "explain",
  summary: "say why STS refuses a token, or would, and what mends it",
  usage: "[options]",
  examples: [
    ["rolecall explain", "this job's token and role, with IAM as it is"],
    ["rolecall explain --as 'gitlab acme/shop branch=dev'", "a job that does not exist, with rolecall.yaml"],
    [
      "rolecall explain --as 'github octo/shop branch=main' --policy trust.json --provider-audience sts.amazonaws.com",
      "with a trust policy from a file",
    ],
    ["rolecall explain --error 'Not authorized to perform sts:AssumeRoleWithWebIdentity'", "with the text alone"],
  ],
  options: EXPLAIN_OPTIONS,
  notes:
    "Exit status: 0 when the exchange would be allowed, 3 when it would be refused, by STS or before STS is asked.",
  async run({ options }, io) {
    if (options.error !== undefined) return explainText(options.error, options, io);
    const role = givenRole(options, io);
    const sendable = await readSendable(options, role, io);
    if (sendable.kind === "unsent") return explainUnsent(sendable.findings, options, io);
    const view = await readView(options, role, sendable.token, io);
    const token = pretendedFor(view, sendable.token, options, io);
    const signature = await readSignature(token, options, io);
    const explanation = explain(requestOf(token, view, signature, options, io));
    const beside = explanation.refusal ? [] : await besideExchange(options, view.roleArn, io);
    if (options.fix !== undefined) {
      io.out(`${fixInForm(explanation, options.fix)}\n`);
    } else if (options.json) {
      io.out(`${JSON.stringify({ role: view.roleArn, from: view.from, ...explanation, beside }, null, 2)}\n`);
    } else {
      const colors = colorsFor(io, options);
      const lines = renderExplanation(explanation, texts(options), colors);
      const heading = "tools in this place may fail all the same, or be somebody else:";
      lines.push(...renderBeside(beside, heading, colors));
      io.out(`${[`${printable(view.roleArn)} in ${printable(view.from)}`, ...lines].join("\n")}\n`);
    }
    return explanation.refusal ? 3 : 0;
  },
});

/** A job that does not exist is taken to be set up right, unless it was told which audience it has. */
function pretendedFor({ source, provider }: RoleView, token: Token, options: ExplainInput, io: Io): Token {
  const [audience] = provider?.audiences ?? [];
  const { as, audience: told } = options;
  if (as === undefined || told !== undefined || source !== "iam" || audience === undefined) return token;
  return pretendedToken(as, audience, io.now());
}

/** @throws RolecallError as {@link readRoleView}, after the causes that the token alone shows */
async function readView(options: ExplainInput, role: string, token: Token, io: Io): Promise<RoleView> {
  try {
    return await readRoleView(options, role, token.claims);
  } catch (error) {
    const arn = readRoleArn(role);
    const asked = options.policy === undefined && options.config === undefined && options.fix === undefined;
    if (!isRolecallError(error) || !arn || !asked) throw error;
    await explainUnread(token, arn, options, io);
    // What to ask for has been told by then.
    throw new RolecallError(error.code, error.message, { cause: error });
  }
}

function texts(options: ExplainInput): "2025" | "2026" {
  const year = options["sts-texts"] ?? "2026";
  if (year === "2025" || year === "2026") return year;
  throw new RolecallError("usage", `--sts-texts: expected 2025 or 2026, got ${JSON.stringify(year)}`);
}
