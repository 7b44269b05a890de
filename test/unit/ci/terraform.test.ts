import { describe, expect, it } from "vitest";
import { terraform } from "../../../src/ci/terraform.ts";
import type { Claims } from "../../../src/core/token.ts";
import { ask, jwt, pretend, shape } from "./examples.ts";

// HashiCorp's published example.
const EXAMPLE = JSON.parse(
  '{"jti":"1192426d-b525-4fde-9d42-f238be437bbd","iss":"https://app.terraform.io","aud":"aws.workload.identity","iat":1650486122,"nbf":1650486117,"exp":1650486422,"sub":"organization:my-org:project:Default Project:workspace:my-workspace:run_phase:apply","terraform_organization_id":"org-GRNbCjYNpBB6NEH9","terraform_organization_name":"my-org","terraform_project_id":"prj-vegSA59s1XPwMr2t","terraform_project_name":"Default Project","terraform_workspace_id":"ws-mbsd5E3Ktt5Rg2Xm","terraform_workspace_name":"my-workspace","terraform_full_workspace":"organization:my-org:project:Default Project:workspace:my-workspace","terraform_run_id":"run-X3n1AUXNGWbfECsJ","terraform_run_phase":"apply"}',
) as Claims;

describe("a pretended token of HCP Terraform", () => {
  it.each(["my-org/my-workspace", "my-org/Default Project/my-workspace"])(
    "of %s has the claims of the published example, and its values but the ids",
    (project) => {
      const claims = terraform.pretend({ project, issuedAt: 1_650_486_122 });
      expect(shape(claims)).toEqual(shape(EXAMPLE));
      const ids = /^(jti|terraform_(organization|project|workspace)_id)$/;
      const values = Object.fromEntries(Object.entries(EXAMPLE).filter(([name]) => !ids.test(name)));
      expect(claims).toMatchObject(values);
    },
  );

  it("is of its workspace and phase", () => {
    expect(terraform.scopeOf(EXAMPLE)).toEqual({ project: "my-org/my-workspace", environment: "apply" });
    expect(terraform.scopeOf({ sub: "organization:my-org" })).toBeNull();
  });
});

describe("a role that trusts a workspace", () => {
  const apply = { project: "acme/shop", environment: "apply" };

  it.each([
    [apply, { project: "acme/shop", environment: "plan" }, "denied"],
    [apply, { project: "acme/My Team/shop", environment: "apply" }, "allowed"],
    [{ project: "acme/Other/shop" }, { project: "acme/My Team/shop" }, "denied"],
    [{ project: "acme/shop" }, { project: "acme/shop", environment: "plan" }, "allowed"],
    [{ project: "acme/shop" }, { project: "acme/shop2" }, "denied"],
    [{ project: "acme/shop" }, { project: "evil/shop" }, "denied"],
  ])("by %j answers a run of %j: %s", (scope, job, outcome) => {
    expect(ask(terraform, scope, pretend(terraform, job))).toBe(outcome);
  });
});

describe("a run of HCP Terraform", () => {
  it("has a token for each audience of the workspace", () => {
    const env = {
      TFC_WORKLOAD_IDENTITY_TOKEN: jwt(EXAMPLE),
      TFC_WORKLOAD_IDENTITY_TOKEN_B: jwt({ ...EXAMPLE, aud: "b" }),
    };
    const sources = terraform.findTokens({
      ...env,
      TFC_WORKLOAD_IDENTITY_TOKENS: jwt({ ...EXAMPLE, aud: "c" }),
    }).candidates;
    expect(sources.map(({ source }) => source)).toEqual(Object.keys(env).map((name) => ({ kind: "env", name })));
  });

  it("without one is told the variable that makes them", () => {
    expect(terraform.findTokens({}).rejected).toEqual([
      { name: "TFC_WORKLOAD_IDENTITY_TOKEN", reason: "it is not set" },
    ]);
    expect(terraform.snippet({})).toBe("TFC_WORKLOAD_IDENTITY_AUDIENCE=aws.workload.identity");
  });
});
