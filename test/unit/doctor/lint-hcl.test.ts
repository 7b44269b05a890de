import { describe, expect, it } from "vitest";
import { moduleSource, placeInHcl } from "../../../src/doctor/lint-hcl.ts";

const KEY = "token.actions.githubusercontent.com:sub";
const FINDING = { path: `Statement[0].Condition.StringLike["${KEY}"]` };
const ROLE = 'resource "aws_iam_role" "deploy" {\n  name = "deploy" # }\n  assume_role_policy = POLICY\n}\n';

/** The text that a place is of. */
function shown(files: readonly { readonly path: string; readonly text: string }[], name = "deploy"): string | null {
  const place = placeInHcl(files, name, FINDING);
  if (!place) return null;
  const { line, column, endColumn } = place.region;
  const text = files.find(({ path }) => path === place.path)?.text.split("\n")[line - 1] ?? "";
  return `${place.path}:${line} ${text.slice(column - 1, endColumn - 1)}`;
}

describe("the place of a role in a Terraform configuration is", () => {
  it("the condition's key in the role's own block", () => {
    const text = `# head\n${ROLE.replace("POLICY", `jsonencode({ a = { "${KEY}" = "}" } })`)}`;
    expect(shown([{ path: "main.tf", text }])).toBe(`main.tf:4 "${KEY}"`);
  });

  it("the key in the policy document that it names, of another file", () => {
    const data = `data "aws_iam_policy_document" "trust" {\n  statement {\n    condition {\n      variable = "${KEY}"\n    }\n  }\n}\n`;
    const files = [
      { path: "a.tf", text: ROLE.replace("POLICY", "data.aws_iam_policy_document.trust.json") },
      { path: "b.tf", text: data },
    ];
    expect(shown(files)).toBe(`b.tf:4 "${KEY}"`);
  });

  it("the head of the role's block, where the key is written in another way", () => {
    const text = `${ROLE.replace("POLICY", "local.policy")}\nlocals { policy = { "${KEY}" = "x" } }\n`;
    expect(shown([{ path: "main.tf", text }])).toBe('main.tf:1 resource "aws_iam_role" "deploy" {');
  });

  it("not told of a role that is there twice, or not at all", () => {
    expect(
      shown([
        { path: "a.tf", text: ROLE },
        { path: "b.tf", text: ROLE },
      ]),
    ).toBeNull();
    expect(shown([{ path: "a.tf", text: ROLE }], "other")).toBeNull();
  });
});

it.each([
  ['module "ci" {\n  source = "./modules/ci"\n}\n', "./modules/ci"],
  ['module "ci" {\n  source  = "terraform-aws-modules/iam/aws"\n}\n', null],
  ['module "cd" {\n  source = "./x"\n}\n', null],
])("of %j the module ci is read from %s", (text, source) => {
  expect(moduleSource([{ path: "main.tf", text }], "ci")).toBe(source);
});
