import { describe, expect, it } from "vitest";
import { addAudienceCommand, createProviderCommand } from "../../../src/core/aws-commands.ts";
import { run } from "../../support/run.ts";

const ARN = "arn:aws:iam::123456789012:oidc-provider/gitlab.com";

/** The arguments that a shell gives to `aws` when the line is pasted. */
async function pasted(line: string): Promise<string[]> {
  const { stdout, stderr } = await run("sh", ["-c", `aws() { printf '%s\\0' "$@"; }\n${line}`], { cwd: "/" });
  expect(stderr).toBe("");
  return stdout.split("\0").slice(0, -1);
}

const HOSTILE = ["$(touch /tmp/x)", "`id`", "a'b", 'a"b', "a b; rm -rf $HOME", "a\\b", "--help"];

describe("a command that adds an audience", () => {
  it("names a plain audience as an option", async () => {
    expect(await pasted(addAudienceCommand(ARN, "sts.amazonaws.com"))).toEqual([
      ...["iam", "add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn", ARN],
      ...["--client-id", "sts.amazonaws.com"],
    ]);
  });

  it("puts a URL into JSON, since version 1 of the AWS CLI would fetch it", async () => {
    const [, , option, json = ""] = await pasted(addAudienceCommand(ARN, "https://shop-deploy.test"));
    expect(option).toBe("--cli-input-json");
    expect(JSON.parse(json)).toEqual({ OpenIDConnectProviderArn: ARN, ClientID: "https://shop-deploy.test" });
  });

  it.each(HOSTILE)("is safe to paste with the audience %s", async (audience) => {
    expect((await pasted(addAudienceCommand(ARN, audience))).at(-1)).toBe(audience);
    const [, , , json = ""] = await pasted(addAudienceCommand(ARN, `https://${audience}`));
    expect(JSON.parse(json)).toHaveProperty("ClientID", `https://${audience}`);
  });
});

describe("a command that creates a provider", () => {
  it.each(HOSTILE)("is safe to paste with %s in the token", async (text) => {
    const args = await pasted(createProviderCommand(`https://${text}`, text, "123456789012"));
    expect(args.slice(0, 5)).toEqual([
      "iam",
      "create-open-id-connect-provider",
      "--url",
      `https://${text}`,
      "--client-id-list",
    ]);
    expect(JSON.parse(args[5] ?? "")).toEqual([text]);
    expect(args).toHaveLength(6);
  });

  it.each([
    ["https://gitlab.com", true],
    ["https://oidc.circleci.com/org/1", true],
    ["https://gitlab.com.example.com", false],
    ["https://gitlab.example.com", false],
  ])("has a thumbprint for older CLIs where AWS looks at none: %s", async (issuer, given) => {
    const command = createProviderCommand(issuer, "sts.amazonaws.com", "123456789012");
    expect((await pasted(command)).includes("--thumbprint-list")).toBe(given);
    expect(command.includes("an older AWS CLI asks for")).toBe(!given);
  });
});
