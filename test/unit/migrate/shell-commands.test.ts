import { describe, expect, it } from "vitest";
import { readItem } from "../../../src/migrate/credential-commands.ts";
import { callsAws, commandsOf, mayCallAws } from "../../../src/migrate/shell-commands.ts";

describe("a shell text", () => {
  it.each([
    ["a; b && c", ["a", "b", "c"]],
    ['echo "a; b" && c', ['echo "a; b"', "c"]],
    ["X=$(a; b | c)\nd", ["X=$(a; b | c)", "d"]],
    ["a \\\n  --b\nc", ["a --b", "c"]],
    ["echo 'it''s; one' # two; three\nx", ["echo 'it''s; one' # two; three", "x"]],
    ["run 2>&1 | tee log", ["run 2>&1", "tee log"]],
  ])("%j is cut into its commands", (text, expected) => {
    expect(commandsOf(text).map((command) => command.text)).toEqual(expected);
  });

  it("never ends in the middle of what is not closed", () => {
    for (const text of ['"', "'", "$(", "`", "${", "\\", '"$(', "a ("]) expect(commandsOf(text).length).toBeLessThan(3);
  });
});

describe("a command", () => {
  it.each([
    "aws s3 ls",
    "npx cdk diff",
    "npx --yes cdk deploy",
    "AWS_REGION=us-east-1 terraform apply",
    "docker login -p $(aws ecr get-login-password) x",
    "sudo /usr/local/bin/aws s3 ls",
    "X=`aws ssm get-parameter --name x`",
    "env STAGE=live sls deploy",
    "cross-env STAGE=live sls deploy",
  ])("%j calls AWS", (command) => {
    expect(callsAws(command)).toBe(true);
  });

  it.each([
    "pip install awscli",
    "npm install -g aws-cdk",
    "aws --version",
    "aws configure set region eu-west-1",
    "terraform fmt -check",
    "terraform validate",
    "echo aws s3 ls",
    "sls offline start",
    "aws --endpoint-url http://localstack:4566 s3 ls",
    "# aws s3 ls",
    "apk add --no-cache aws-cli",
  ])("%j does not", (command) => {
    expect(callsAws(command)).toBe(false);
  });

  it.each([
    ["make deploy", true],
    ["npm run deploy", true],
    ["./deploy.sh prod", true],
    ["npm run test", false],
    ["npm ci", false],
  ])("%j may where nobody sees it: %s", (command, expected) => {
    expect(mayCallAws(command)).toBe(expected);
  });
});

describe("a script's entry", () => {
  it.each([
    ["export AWS_ACCESS_KEY_ID=$A AWS_SECRET_ACCESS_KEY=$B", true],
    ["mkdir -p ~/.aws\naws configure set aws_access_key_id $A", true],
    ["export AWS_ACCESS_KEY_ID=$A && make", false],
    ["export AWS_ACCESS_KEY_ID=test", false],
    ["aws configure set region us-east-1", false],
    ["AWS_ACCESS_KEY_ID=$A aws s3 ls", false],
  ])("%j is about credentials alone: %s", (text, expected) => {
    expect(readItem(text).isCredentials).toBe(expected);
  });

  it("is not understood where keys go somewhere else", () => {
    expect(readItem("docker build --build-arg KEY=$AWS_ACCESS_KEY_ID .").touching).toContain("docker build");
    expect(readItem("AWS_ACCESS_KEY_ID=$A aws s3 ls").touching).not.toBeNull();
  });
});
