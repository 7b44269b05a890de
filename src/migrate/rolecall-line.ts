import { VERSION } from "../core/version.ts";
import type { ByHand } from "./credential-commands.ts";

/** How a job's image can run rolecall: by Node, by a shell with curl or wget, or not at all. */
export type ImageKind = "node" | "shell" | "none";

// Images that have Node.js, by the last word of their name. Sources: their pages on Docker Hub and cimg.
const NODE_IMAGES =
  /(?:^|[/-])(?:node|bun|playwright|cypress|aws-cdk|cdk|nodejs|lambda-nodejs)(?:[-:@]|$)|cimg\/node|build-image-nodejs|\/node/;
const NODE_COMMANDS = /(?:^|[\s;&|(])(?:npm|npx|yarn|pnpm|node)\s/;

/** @param scripts the job's commands: what calls npm has Node */
export function imageKind(image: string | null, scripts: readonly string[]): ImageKind {
  if (image !== null && NODE_IMAGES.test(image)) return "node";
  return scripts.some((script) => NODE_COMMANDS.test(script)) ? "node" : "shell";
}

/** Where the shim is written: beside the CI file's project, since jobs start in the checkout. */
export const SHIM_FILE = "rolecall.sh";

export interface LineSetup {
  readonly image: ImageKind;
  /** An ARN, or a word of the shell that becomes one: `${ROLE_ARN}`; null where the environment has it. */
  readonly role: string | null;
  /** Of a variable; null where the CI has one by itself. */
  readonly tokenEnv: string | null;
  readonly audience?: string | null;
  readonly duration?: string | null;
  readonly session?: string | null;
  /** The checkout's folder in the shell's words, where an earlier command has left it. */
  readonly checkout?: string | null;
}

/**
 * To be said wherever such a line is written, until the package is published: npx runs whatever has the name.
 */
export const NOT_ON_NPM =
  "rolecall is not on npm yet: until it is, install the package of npm pack in the job and write rolecall for npx --yes rolecall, or npx runs what a stranger publishes";

/** The program: rolecall of this version by npx, or the shim. */
function program({ image, checkout }: LineSetup): string {
  if (image === "node") return `npx --yes rolecall@${VERSION} creds`;
  return checkout ? `sh "${checkout}/${SHIM_FILE}"` : `sh ${SHIM_FILE}`;
}

export function lineOptions({ role, tokenEnv, audience, duration, session }: Partial<LineSetup>): string {
  const pairs = [
    ["--role", role],
    ["--token-env", tokenEnv],
    ["--audience", audience],
    ["--duration", duration],
    ["--session-name", session],
  ] as const;
  return pairs.map(([name, value]) => (value ? ` ${name} ${shellSafe(value)}` : "")).join("");
}

/** A variable in double quotes, so that its value stays one word; what is quoted or plain stays as it was written. */
function shellSafe(word: string): string {
  if (/^["'].*["']$/s.test(word) || !/[$\s]/.test(word)) return word;
  return `"${word.replaceAll('"', String.raw`\"`)}"`;
}

/** The line for a shell whose later commands need the credentials. A refusal fails the eval, and so the job. */
export function evalLine(setup: LineSetup): string {
  const format = setup.image === "node" ? " --format env" : "";
  return `eval "$(${program(setup)}${format}${lineOptions(setup)})"`;
}

/** The line for a CI whose later steps are other shells. */
export function handOverLine(setup: LineSetup, format: "github" | "circleci" | "azure" | "buildkite"): string {
  return `npx --yes rolecall@${VERSION} creds --format ${format}${lineOptions(setup)}`;
}

export function withByHand(setup: LineSetup, { role, token, duration, session }: ByHand): LineSetup {
  return { ...setup, role: role ?? setup.role, tokenEnv: token ?? setup.tokenEnv, duration, session };
}
