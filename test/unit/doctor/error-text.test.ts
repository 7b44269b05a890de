import { describe, expect, it } from "vitest";
import { readErrorText } from "../../../src/doctor/error-text.ts";

const DENIED = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

describe("what STS said in a pasted text", () => {
  it.for([
    [
      "the AWS CLI's line",
      `\nAn error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: ${DENIED}\n`,
      "AccessDenied",
      DENIED,
    ],
    ["the GitHub action's line", `Error: Could not assume role with OIDC: ${DENIED}`, "AccessDenied", DENIED],
    [
      "an answer of STS",
      "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>\n<Message>Incorrect token audience</Message></Error></ErrorResponse>",
      "InvalidIdentityToken",
      "Incorrect token audience",
    ],
    [
      "CDK's",
      "Unable to determine the default AWS account (InvalidIdentityTokenException): Incorrect token audience",
      "InvalidIdentityToken",
      "Incorrect token audience",
    ],
    [
      "rolecall's own",
      `rolecall: error: STS refused arn:aws:iam::1:role/x: AccessDenied: ${DENIED}`,
      "AccessDenied",
      DENIED,
    ],
    ["something else", "make: *** [deploy] Error 1", "", "make: *** [deploy] Error 1"],
  ] as const)("is found in %s", ([, pasted, code, message]) => {
    expect(readErrorText(pasted)).toEqual({ code, message });
  });
});
