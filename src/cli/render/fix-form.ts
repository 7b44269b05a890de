import { RolecallError } from "../../core/errors.ts";
import type { Explanation } from "../../doctor/explain.ts";
import type { ExplainedFix } from "../../doctor/explained-fixes.ts";

/** What `explain --fix` can be asked for. */
export const FIX_FORMS = ["aws", "terraform", "policy", "patch", "ci", "rolecall"] as const;

/** The first fix that has the form, whole and alone, to be pasted or piped. */
export function fixInForm({ refusal, allowance }: Explanation, form: string): string {
  if (!FIX_FORMS.some((one) => one === form))
    throw new RolecallError("usage", `--fix: expected ${FIX_FORMS.join(", ")}, got ${JSON.stringify(form)}`);
  const fixes = refusal?.fixes ?? (allowance?.narrower ? [allowance.narrower] : []);
  const texts = fixes.map((fix) => fixLines(fix, form));
  const found = texts.find((list) => list.length > 0);
  if (found) return found.join("\n");
  throw new RolecallError(
    "config",
    `--fix ${form}: ${refusal ? "no fix has this form" : "nothing is refused, so there is nothing to fix"}`,
    {
      hints: ["rolecall explain without --fix tells all of them"],
    },
  );
}

function fixLines(fix: ExplainedFix, form: string): readonly string[] {
  if (form === "rolecall") return fix.where === "rolecall.yaml" ? [fix.text] : [];
  if (fix.isAside) return [];
  const lines = (fix.changes ?? []).flatMap((change) => inForm(change, form));
  // What is for the job, and changes nothing that could be tried: `permissions: …`.
  return lines.length === 0 && form === "ci" && fix.where === "job" ? [fix.text] : lines;
}

type ExplainedChange = NonNullable<ExplainedFix["changes"]>[number];

function inForm(change: ExplainedChange, form: string): readonly string[] {
  if (form === "aws") return change.forms.aws === null ? [] : [change.forms.aws];
  if (form === "terraform") return change.forms.terraform === null ? [] : [change.forms.terraform];
  if (form === "ci") return change.forms.ciFile === null ? [] : [change.forms.ciFile];
  if (change.kind !== "trust-policy") return [];
  return [JSON.stringify(form === "policy" ? change.policy : change.patch, null, 2)];
}
