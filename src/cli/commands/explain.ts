import { findCi } from "../../ci/index.ts";
import { parseRoleArn } from "../../core/arn.ts";
import { RolecallError } from "../../core/errors.ts";
import { type Candidate, candidatesFor, causesOf } from "../../core/failures.ts";
import type { Token } from "../../core/token.ts";
import { parseDuration } from "../../credentials/duration.ts";
import { explain } from "../../doctor/explain.ts";
import { readErrorText } from "../../doctor/error-text.ts";
import { defineCommand, type Input } from "../command.ts";
import { detectCi, findToken } from "../find-token.ts";
import type { Io } from "../io.ts";
import { TOKEN_OPTIONS } from "../job-options.ts";
import { pretendedToken } from "../pretended-token.ts";
import { colorsFor } from "../render/colors.ts";
import { renderExplanation } from "../render/explanation.ts";
import { printable } from "../report.ts";
import { readRoleView, ROLE_SOURCE_OPTIONS, wantedAudience } from "../role-source.ts";
import { scopeWords } from "../scope-words.ts";

const OPTIONS = {
  ...TOKEN_OPTIONS,
  as: { type: "string", value: "JOB", help: "a job that does not exist: 'gitlab acme/shop branch=dev'" },
  ...ROLE_SOURCE_OPTIONS,
  duration: { type: "string", value: "TIME", help: "as the job asks for it: 900, 15m, 1h" },
  error: { type: "string", value: "TEXT", help: "what STS or a tool said; - is standard input" },
  "sts-texts": { type: "string", value: "YEAR", help: "2026 (the default), or 2025 for what STS said until then" },
  json: { type: "boolean", help: "the decision with all its checks as JSON" },
} as const;

/** Stands in the commands of a fix where nobody has told the role. */
const SOME_ROLE = "arn:aws:iam::123456789012:role/ROLE";

type ExplainInput = Input<typeof OPTIONS>["options"];

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
  options: OPTIONS,
  notes: "Exit status: 0 when the exchange would be allowed, 3 when it would be refused.",
  async run({ options }, io) {
    if (options.error !== undefined) return explainText(options.error, options, io);
    const role = given(options, io);
    const token = await readToken(options, role, io);
    const view = await readRoleView(options, role, token.claims);
    const ci = findCi(ciOf(options, io) ?? "");
    const scope = ci?.scopeOf(token.claims) ?? null;
    const explanation = explain({
      token,
      view,
      sessionName: "explain",
      duration: options.duration === undefined ? undefined : parseDuration(options.duration, "--duration"),
      now: io.now(),
      ciFile: ci?.file ?? "the CI file",
      allowEntry: ci && scope ? scopeWords(ci, scope) : null,
    });
    if (options.json) {
      io.out(`${JSON.stringify({ role: view.roleArn, from: view.from, ...explanation }, null, 2)}\n`);
    } else {
      const lines = renderExplanation(explanation, texts(options), colorsFor(io, options));
      io.out(`${[`${printable(view.roleArn)} in ${printable(view.from)}`, ...lines].join("\n")}\n`);
    }
    return explanation.refusal ? 3 : 0;
  },
});

function given(options: ExplainInput, io: Io): string {
  const variable = ROLE_SOURCE_OPTIONS.role.env.map((name) => io.env[name]).find((value) => value);
  return options.role ?? (options.policy === undefined && options.config === undefined ? (variable ?? "") : "");
}

async function readToken(options: ExplainInput, role: string, io: Io): Promise<Token> {
  if (options.as !== undefined) {
    return pretendedToken(options.as, options.audience ?? (await wantedAudience(options, role)), io.now());
  }
  // The audience chooses here, and must not be what stops us: that it is wrong is the explanation.
  const { token } = await findToken(options, io);
  return token;
}

function ciOf({ as }: ExplainInput, io: Io): string | undefined {
  return as === undefined ? detectCi(io)?.ci.id : as.trim().split(/\s+/)[0];
}

function texts(options: ExplainInput): "2025" | "2026" {
  const year = options["sts-texts"] ?? "2026";
  if (year === "2025" || year === "2026") return year;
  throw new RolecallError("usage", `--sts-texts: expected 2025 or 2026, got ${JSON.stringify(year)}`);
}

/** Only the text is known, and perhaps the token: the causes it may stand for, likeliest first. */
async function explainText(pasted: string, options: ExplainInput, io: Io): Promise<number> {
  const { code, message } = readErrorText(pasted === "-" ? await io.readStdin() : pasted);
  const token = await tokenIfAny(options, io);
  const role = parseRoleArn(options.role ?? SOME_ROLE, "--role");
  const causes: readonly Cause[] = token
    ? candidatesFor(code, message, { claims: token.claims, role, now: io.now(), stsDate: null })
    : causesOf(code, message);
  if (causes.length === 0) {
    throw new RolecallError("usage", "explain: this text is none that STS is known to say", {
      hints: ["paste it whole, from the code on: AccessDenied … Not authorized to perform …"],
    });
  }
  if (options.json) io.out(`${JSON.stringify({ code, message, causes }, null, 2)}\n`);
  else {
    const colors = colorsFor(io, options);
    for (const { id, title, evidence, fix } of causes) {
      io.out(`${colors.strong(id)} ${title}${evidence ? ` (${printable(evidence)})` : ""}\n`);
      if (fix) io.out(`    ${colors.good(printable(fix))}\n`);
    }
    if (!token) io.out("with the token more can be told: rolecall explain in the job, or --token-file FILE\n");
  }
  return 3;
}

type Cause = Pick<Candidate, "id" | "title"> & Partial<Candidate>;

async function tokenIfAny(options: ExplainInput, io: Io): Promise<Token | null> {
  if (options.as === undefined && options["token-env"] === undefined && options["token-file"] === undefined) {
    if (!detectCi(io)) return null;
  }
  return readToken(options, "", io);
}
