import { applyEdits, type FileEdits } from "./edit.ts";
import type { Files, Migration, Refusal, Setup } from "./migration.ts";
import { evalLine, handOverLine } from "./rolecall-line.ts";
import { isUnreadable, readYamlFile } from "./yaml-file.ts";

/**
 * For a file that is refused: the lines that its job needs, as comments where it was refused, so that the patch can be
 * applied and the comments be made lines by hand.
 */
export function suggestByHand(files: Files, { ci, refusals }: Migration, setup: Setup): readonly FileEdits[] {
  const paths = [...new Set(refusals.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const text = files.get(path);
    const here = refusals.filter((one) => one.path === path);
    return text === undefined || !/\.ya?ml$/.test(path) ? [] : [suggestion(path, text, here, ci, setup)];
  });
}

function suggestion(path: string, text: string, refusals: readonly Refusal[], ci: string, setup: Setup): FileEdits {
  const lines = text.split("\n");
  const starts = [...new Set(refusals.map(({ line }) => line))];
  const edits = starts.map((line) => {
    const at = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const indent = /^\s*/.exec(lines[line - 1] ?? "")?.[0] ?? "";
    const eol = text.includes("\r\n") ? "\r\n" : "\n";
    const put = linesOf(ci, setup)
      .map((one) => `${indent}# ${one}${eol}`)
      .join("");
    return { start: at, end: at, text: put };
  });
  const whole = { path, text, edits };
  // Within a block of text a comment would be text.
  return isSame(path, text, applyEdits(text, edits))
    ? whole
    : { path, text, edits: [{ start: 0, end: 0, text: edits[0]?.text ?? "" }] };
}

function isSame(path: string, before: string, after: string): boolean {
  const [old, now] = [readYamlFile(path, before), readYamlFile(path, after)];
  if (isUnreadable(old) || isUnreadable(now)) return false;
  return JSON.stringify(old.document.toJSON()) === JSON.stringify(now.document.toJSON());
}

function linesOf(ci: string, { role, audience }: Setup): readonly string[] {
  const arn = role ?? "ARN";
  const head = "rolecall: off the keys, by hand:";
  if (ci === "gitlab") {
    const line = evalLine({ image: "shell", role: arn, tokenEnv: "ROLECALL_TOKEN" });
    return [head, `  id_tokens: { ROLECALL_TOKEN: { aud: ${audience ?? "AUDIENCE"} } }`, `  - ${line}`];
  }
  if (ci === "bitbucket")
    return [head, "  oidc: true", `  - ${evalLine({ image: "shell", role: arn, tokenEnv: null })}`];
  const line = handOverLine(
    { image: "node", role: arn, tokenEnv: null, audience },
    ci === "github" ? "github" : "circleci",
  );
  return [head, ...(ci === "github" ? ["  permissions: { id-token: write, contents: read }"] : []), `  - run: ${line}`];
}
