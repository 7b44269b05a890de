import { randomUUID } from "node:crypto";
import { isoSeconds } from "../../core/iso-date.ts";
import { RolecallError } from "../../core/errors.ts";
import { appendToFile } from "../../wire/append-file.ts";
import type { HandOver, HandOverIo, Session } from "./hand-over.ts";
import { SECRET_VARIABLES, sessionVariables } from "./session-variables.ts";

/**
 * GitHub Actions, and what speaks like it. The values are masked before anything else of them is written; names of
 * outputs are those of aws-actions/configure-aws-credentials.
 * Source: GitHub docs, workflow commands; actions/toolkit, packages/core/src/file-command.ts.
 */
export const github: HandOver = { ready, give };

function ready({ env }: HandOverIo): void {
  if (env["GITHUB_ENV"]) return;
  throw new RolecallError("config", "--format github: expected a step of GitHub Actions, got no GITHUB_ENV", {
    hints: ['elsewhere: eval "$(rolecall creds --format env)"'],
  });
}

async function give(session: Session, { env, out, note }: HandOverIo): Promise<void> {
  const all = sessionVariables(session);
  out(
    all
      .filter(([name]) => SECRET_VARIABLES.has(name))
      .map(([, value]) => `::add-mask::${escapeData(value)}\n`)
      .join(""),
  );
  const { GITHUB_ENV: variables, GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary } = env;
  if (variables) await appendToFile(variables, all.map(heredoc).join(""));
  if (outputs) await appendToFile(outputs, outputsOf(session).map(heredoc).join(""));
  if (summary) await appendToFile(summary, summaryOf(session));
  if (session.shadows.length > 0)
    note(`these would win over the session in later steps, and GITHUB_ENV cannot unset: ${session.shadows.join(", ")}`);
}

/** The text of a workflow command. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** A setting of a command file. Nobody can end it early who does not know its delimiter, made for it alone. */
function heredoc([name, value]: readonly [string, string]): string {
  const delimiter = `rolecall_${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

function outputsOf({ credentials, region }: Session): readonly (readonly [string, string])[] {
  return [
    ["aws-account-id", credentials.role.split(":")[4] ?? ""],
    ["authenticated-arn", credentials.role],
    ["aws-expiration", isoSeconds(credentials.expiration.getTime() / 1000)],
    ...(region ? [["aws-region", region] as const] : []),
  ];
}

function summaryOf({ credentials, subject }: Session): string {
  const rows = [
    ["role session", credentials.role],
    ["until", isoSeconds(credentials.expiration.getTime() / 1000)],
    ["job", subject],
  ];
  const lines = rows.map(([label = "", text = ""]) => `| ${label} | ${code(text)} |`);
  return ["### AWS credentials", "", "| | |", "|---|---|", ...lines, ""].map((line) => `${line}\n`).join("");
}

/** Text in a table cell that stays text, whatever it holds. */
function code(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = text.slice(0, 500).replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, " ");
  const entities = plain.replaceAll(/[^\w .:/@+=,-]/g, (one) => `&#${one.codePointAt(0) ?? 32};`);
  return `<code>${entities}</code>`;
}
