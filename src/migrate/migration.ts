import type { FileEdits } from "./edit.ts";
import type { RunsAs } from "./runs-as.ts";
import type { ProjectScripts } from "./project-scripts.ts";

/** What the new file is made for. */
export interface Setup {
  /** The role's ARN; null where the file names one itself, or nobody said. */
  readonly role: string | null;
  /** Of the ID token, where the CI file chooses it. */
  readonly audience: string | null;
  /** Jobs to treat as if they called AWS by name: their scripts call something that does. */
  readonly jobs: readonly string[];
  /** Whether the project's own scripts and tasks call AWS. */
  readonly scripts?: ProjectScripts;
  /** Roles of jobs that take another than the rest. */
  readonly roles?: ReadonlyMap<string, string>;
  /** By ARN, of such roles: the audience of the ID token, where it is another than that of the rest. */
  readonly audiences?: ReadonlyMap<string, string>;
}

/** The audience of the ID token for a role. */
export function audienceFor({ audience, audiences }: Setup, role: string | null): string | null {
  return audiences?.get(role ?? "") ?? audience;
}

/** The role that a job is to take. */
export function roleFor({ role, roles }: Setup, job: string): string | null {
  return roles?.get(job) ?? role;
}

/** A job that gets its credentials by its ID token from now on. */
export interface MigratedJob {
  readonly path: string;
  readonly name: string;
  readonly image: "node" | "shell" | "none";
  /** The role's ARN, or the words of the file that become one. */
  readonly role: string;
  /** Where it is known from the file. */
  readonly audience: string | null;
  /** The variable that holds the ID token. */
  readonly tokenEnv: string | null;
  /** The new line, or the step that took over. */
  readonly line: string;
  /** On what it runs; left out where the CI's files are not read for that. */
  readonly runs?: RunsAs;
}

/** Why something cannot be rewritten exactly. */
export interface Refusal {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly job: string | null;
  readonly reason: string;
}

/** What becomes of CI files. Nothing has been written yet. */
export interface Migration {
  /** A `Ci.id`. */
  readonly ci: string;
  readonly files: readonly FileEdits[];
  readonly jobs: readonly MigratedJob[];
  /** One is enough: then nothing of this CI's files is written. */
  readonly refusals: readonly Refusal[];
  /** Where nothing can be done exactly: the lines to put in by hand, as comments at the place. */
  readonly suggestions?: readonly FileEdits[];
  /** What a person should know before the change is pushed. */
  readonly notes: readonly string[];
}

/** Files by their path below the project's folder, with `/` between names. */
export type Files = ReadonlyMap<string, string>;

export const NO_MIGRATION = { files: [], jobs: [], refusals: [], notes: [] } as const;
