import { describe, expect, it } from "vitest";
import { applyEdits, renderPatch } from "../../../src/migrate/edit.ts";
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

  it.each([
    [
      "a user and a password",
      "withCredentials([usernamePassword(credentialsId: 'aws', usernameVariable: 'AWS_ACCESS_KEY_ID', passwordVariable: 'AWS_SECRET_ACCESS_KEY')]) {",
    ],
    [
      "the older form of it",
      "withCredentials([[$class: 'UsernamePasswordMultiBinding', credentialsId: 'aws', usernameVariable: 'AWS_ACCESS_KEY_ID', passwordVariable: 'AWS_SECRET_ACCESS_KEY']]) {",
    ],
    [
      "two texts on lines of their own",
      "withCredentials([\n    string(credentialsId: 'a', variable: 'AWS_ACCESS_KEY_ID'),\n    string(credentialsId: 'b', variable: 'AWS_SECRET_ACCESS_KEY')\n  ]) {",
    ],
    ["the step of the AWS plugin", "withAWS(region: 'eu-west-1', credentials: 'aws') {"],
  ])("with %s is shown the file of the ID token, and the role", (_, binding) => {
    const text = `node {\r\n  ${binding.replaceAll("\n", "\r\n")}\r\n    sh 'aws s3 ls'\r\n  }\r\n}\r\n`;
    const [file] = suggestJenkins(new Map([["deploy.jenkinsfile", text]]), SETUP).files;
    expect(applyEdits(file?.text ?? "", file?.edits ?? [])).toBe(
      [
        "node {",
        "  // in the pipeline's environment { }: AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/shop'",
        "  withCredentials([file(credentialsId: 'aws-jwt', variable: 'AWS_WEB_IDENTITY_TOKEN_FILE')]) {",
        "    sh 'aws s3 ls'",
        "  }",
        "}",
        "",
      ].join("\r\n"),
    );
  });

  it("with keys in comments alone, or a binding of others, is left alone", () => {
    const text = `pipeline {
  // AWS_ACCESS_KEY_ID = credentials('aws-key')
  /* withAWS(credentials: 'aws') { } */
  withCredentials([usernamePassword(credentialsId: 'hub', usernameVariable: 'U', passwordVariable: 'P')]) { }
}
`;
    expect(suggestJenkins(new Map([["Jenkinsfile", text]]), SETUP)).toMatchObject({ files: [], refusals: [] });
  });

  it("with a key written into it is shown the same", () => {
    const text =
      "pipeline {\n  environment {\n    AWS_ACCESS_KEY_ID = 'x'\n    AWS_SECRET_ACCESS_KEY = \"y\"\n  }\n}\n";
    const patch = suggestJenkins(new Map([["Jenkinsfile", text]]), SETUP)
      .files.map(renderPatch)
      .join("");
    expect(patch).toContain("+    AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt')");
    expect(patch.match(/^-/gm)).toHaveLength(3);
  });

  it("without keys is left alone", () => {
    expect(suggestJenkins(new Map([["Jenkinsfile", "pipeline { }\n"]]), SETUP)).toMatchObject({
      files: [],
      refusals: [],
    });
  });
});
