import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { callerIdentity } from "../../src/wire/aws-sdk.ts";
import { runPipeline } from "../support/pipelines.ts";
import { useKey } from "../unit/migrate/keys/account.ts";
import { assumeRoleWithWebIdentity } from "../unit/migrate/keys/exchange.ts";
import { AWS_CLIS, HERE } from "./support.ts";
import { GITHUB, GITLAB, type Team } from "./team.ts";

/** Whether what is pushed gets credentials that work: the key of the variables, or the role of its file. */
export async function credentialsWork(team: Team): Promise<void> {
  const jobs = {
    gitlab: readFileSync(join(team.checkout, GITLAB), "utf8"),
    github: readFileSync(join(team.checkout, GITHUB), "utf8"),
  };
  for (const [ci, text] of Object.entries(jobs)) {
    const audience = /\baud(?:ience)?: (\S+)/.exec(text)?.[1];
    const role = /arn:aws:iam::\d+:role\/[\w-]+/.exec(text)?.[0];
    if (role === undefined) {
      expect(team.variables["AWS_ACCESS_KEY_ID"]).toBe(team.key.accessKeyId);
      await useKey(team.cloud, team.key);
    } else {
      const { token } = await team.cloud.mint({
        ci,
        project: "acme/shop",
        branch: "main",
        audience: audience ?? "sts.amazonaws.com",
      });
      const credentials = await assumeRoleWithWebIdentity(team.cloud, role, token);
      await callerIdentity({ endpoint: team.cloud.endpoint, region: "us-east-1", credentials });
    }
  }
}

/** Both CIs run what is pushed, with a real AWS CLI; who the jobs were to AWS. */
export async function pipelines(team: Team): Promise<readonly string[]> {
  const bin = AWS_CLIS.length > 0 ? {} : { bin: standInForTheCli(team) };
  const ran = await Promise.all(
    Object.entries({ gitlab: GITLAB, github: GITHUB }).map(async ([ci, path]) => {
      const place = {
        cloud: team.cloud,
        folder: team.checkout,
        home: join(team.root, ci),
        project: "acme/shop",
        variables: team.variables,
        ...bin,
      };
      const [job] = await runPipeline(ci, readFileSync(join(team.checkout, path), "utf8"), place);
      expect(job, job?.stderr).toMatchObject({ status: 0 });
      return /arn:aws:\w+::\d{12}:(user\/[\w-]+|assumed-role\/[\w-]+)/.exec(job?.stdout ?? "")?.[1] ?? "nobody";
    }),
  );
  return ran;
}

export const BY_KEY = ["user/ci", "user/ci"];
export const BY_ROLE = ["assumed-role/shop-deploy", "assumed-role/shop-report"];

/** Where there is no AWS CLI. */
function standInForTheCli(team: Team): string {
  const bin = join(team.root, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "aws"), `#!/bin/sh\nexec '${process.execPath}' '${join(HERE, "sdk-aws.mjs")}' "$@"\n`);
  chmodSync(join(bin, "aws"), 0o755);
  return bin;
}
