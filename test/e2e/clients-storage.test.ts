import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Clients, type HandOver, HAND_OVERS, startClients } from "../support/clients-job.ts";
import { findTool } from "../support/clients-tools.ts";
import { tempDir } from "../support/temp-dir.ts";

const RCLONE = findTool("rclone", "rclone");
const RESTIC = findTool("restic", "restic");
const ECR = findTool("docker-credential-ecr-login", "amazon-ecr-credential-helper");
const WAYS = Object.keys(HAND_OVERS) as HandOver[];

/** Something to store, with more than a client sends in one write. */
function tree(): string {
  const folder = join(tempDir(), "tree");
  mkdirSync(join(folder, "a"), { recursive: true });
  writeFileSync(join(folder, "a", "large"), "rolecall\n".repeat(50_000));
  writeFileSync(join(folder, "a b+c"), "small");
  return folder;
}

type Job = Clients["job"];

/** Several clients one after the other take their time on a small machine; in milliseconds. */
const LONG = 120_000;

// rclone is written with the AWS SDK for Go, version 1.
describe.runIf(RCLONE)("rclone in a GitLab job", () => {
  const rclone = [RCLONE ?? "", "--retries", "1", "--low-level-retries", "1", "--config", "/dev/null"];
  // It ends when AWS_CA_BUNDLE is set, since its own HTTP client cannot take it.
  const env = { AWS_CA_BUNDLE: "" };

  it("stores and reads files, however its credentials come", { timeout: LONG }, async () => {
    const { job, store } = await startClients();
    const folder = tree();
    for (const [at, how] of WAYS.entries()) {
      const remote = `:s3,provider=AWS,env_auth=true,region=eu-central-1,no_check_bucket=true:builds/${at}`;
      expect(await job(how, [...rclone, "copy", folder, remote], { env }), how).toMatchObject({ status: 0 });
      expect(store.keys()).toEqual(expect.arrayContaining([`builds/${at}/a b+c`, `builds/${at}/a/large`]));
      const read = await job(how, [...rclone, "cat", `${remote}/a/large`], { env });
      expect(read.stdout, how).toBe(readFileSync(join(folder, "a", "large"), "utf8"));
    }
  });
});

describe.runIf(RESTIC)("restic in a GitLab job", () => {
  // It reads no credential_process: by a profile it would ask as nobody.
  const ways = WAYS.filter((how) => how !== "login's profile");

  it(
    "makes backups, however its credentials come, and over TLS or with each chunk signed",
    { timeout: LONG },
    async () => {
      const { job, cloud } = await startClients();
      for (const [at, how] of ways.entries()) {
        const made = await backUp(job, how, `s3:https://s3.eu-central-1.amazonaws.com/builds/${at}`);
        expect(made, how).toMatchObject({ status: 0, stderr: "" });
      }
      expect(await backUp(job, "exec", `s3:${cloud.endpoint}/builds/plain`)).toMatchObject({ status: 0 });
    },
  );

  function backUp(job: Job, how: HandOver, repository: string): ReturnType<Job> {
    const script =
      'restic="$1 -q --no-cache -o s3.bucket-lookup=path"; $restic init; $restic backup "$2"; $restic check';
    const env = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: "a test's" };
    return job(how, ["sh", "-ec", script, "sh", RESTIC ?? "", tree()], { env });
  }
});

describe.runIf(ECR)("Docker's credential helper for ECR in a GitLab job", () => {
  it("gets the registry's password, however its credentials come", { timeout: LONG }, async () => {
    const { job } = await startClients();
    const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    for (const how of WAYS) {
      // It keeps what it got, so each way has a folder of its own.
      const script = `echo ${registry} | AWS_ECR_CACHE_DIR="$(mktemp -d -p "$HOME")" docker-credential-ecr-login get`;
      const { stdout } = await job(how, ["sh", "-c", script]);
      expect(JSON.parse(stdout), how).toEqual({ ServerURL: registry, Username: "AWS", Secret: "of-the-registry" });
    }
  });
});
