import { describe, expect, it } from "vitest";
import { renderPatch } from "../../../src/migrate/edit.ts";
import { suggestJenkins } from "../../../src/migrate/jenkins.ts";

const SETUP = { role: "arn:aws:iam::123456789012:role/shop", audience: null, jobs: [] };

describe("a Jenkinsfile", () => {
  it("with keys in its environment gets a patch, and is never written", () => {
    const text = `pipeline {
  environment {
    AWS_ACCESS_KEY_ID     = credentials('aws-key')
    AWS_SECRET_ACCESS_KEY = credentials('aws-secret')
    AWS_REGION = 'us-east-1'
  }
}
`;
    const { files, refusals } = suggestJenkins(new Map([["Jenkinsfile", text]]), SETUP);
    const patch = files.map(renderPatch).join("");
    expect(patch).toContain("-    AWS_ACCESS_KEY_ID     = credentials('aws-key')");
    expect(patch).toContain("+    AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt')");
    expect(patch).toContain("+    AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/shop'");
    expect(refusals).toMatchObject([
      { path: "Jenkinsfile", line: 3, reason: expect.stringContaining("suggestion") as string },
    ]);
  });

  it("with a binding of the AWS plugin gets one too", () => {
    const text =
      "node {\n  withCredentials([[$class: 'AmazonWebServicesCredentialsBinding', credentialsId: 'aws']]) {\n    sh 'aws s3 ls'\n  }\n}\n";
    const patch = suggestJenkins(new Map([["ci/Jenkinsfile", text]]), SETUP)
      .files.map(renderPatch)
      .join("");
    expect(patch).toContain(
      "+  withCredentials([file(credentialsId: 'aws-jwt', variable: 'AWS_WEB_IDENTITY_TOKEN_FILE')]) {",
    );
  });

  it("without keys is left alone", () => {
    expect(suggestJenkins(new Map([["Jenkinsfile", "pipeline { }\n"]]), SETUP)).toMatchObject({
      files: [],
      refusals: [],
    });
  });
});
