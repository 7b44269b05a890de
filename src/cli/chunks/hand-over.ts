import { spawn } from "node:child_process";
import { RolecallError } from "../../core/errors.ts";
import { showClaim } from "../../core/token.ts";
import type { HandOverName } from "../../credentials/formats.ts";
import { azure } from "../../credentials/hand-over/azure.ts";
import { buildkite } from "../../credentials/hand-over/buildkite.ts";
import { circleci } from "../../credentials/hand-over/circleci.ts";
import { github } from "../../credentials/hand-over/github.ts";
import { gitlab } from "../../credentials/hand-over/gitlab.ts";
import type { HandOver, HandOverIo } from "../../credentials/hand-over/hand-over.ts";
import type { Obtained, Plan } from "../assume.ts";
import type { Io } from "../io.ts";
import { note } from "../report.ts";

const HAND_OVER: Readonly<Record<HandOverName, HandOver>> = { github, circleci, azure, buildkite, gitlab };

/** What tools take before keys, or mix with them; a role's ARN they do not, and later calls of rolecall want it. */
const BEFORE_KEYS = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"];

interface Choice {
  readonly format: HandOverName;
  readonly output: string | undefined;
  readonly quiet: boolean;
}

/** @throws RolecallError `config`, `usage` when this CI's way is not open here */
export function checkHandOver({ format, ...choice }: Choice, io: Io): void {
  if (choice.output !== undefined && !TO_FILE.has(format))
    throw new RolecallError("usage", `creds: --format ${format} writes where its CI wants it: expected no --output`);
  HAND_OVER[format].ready(outside(choice, io));
}

const TO_FILE: ReadonlySet<HandOverName> = new Set(["buildkite", "gitlab"]);

/** Gives the credentials to what comes later in this job, in the CI's own way. */
export async function handOver(
  { format, ...choice }: Choice,
  { credentials, region }: Obtained,
  plan: Plan | null,
  io: Io,
): Promise<void> {
  const session = {
    credentials,
    region,
    subject: plan ? showClaim(plan.found.token.claims, "sub") : "",
    shadows: BEFORE_KEYS.filter((name) => io.env[name]),
  };
  await HAND_OVER[format].give(session, outside(choice, io));
}

function outside({ output, quiet }: Omit<Choice, "format">, io: Io): HandOverIo {
  return {
    env: io.env,
    output,
    out: io.out,
    note: (text) => {
      if (!quiet) note(io, text);
    },
    pipe: (command, input) => pipe(command, input, io.env),
  };
}

function pipe([file = "", ...args]: readonly string[], input: string, env: Io["env"]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, stdio: ["pipe", "ignore", "ignore"] });
    child.on("error", () => resolve(false)).on("close", (status) => resolve(status === 0));
    // A command that ends without reading its input has failed, which its status tells.
    child.stdin.on("error", () => {}).end(input);
  });
}
