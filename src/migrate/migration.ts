import type { FileEdits } from "./edit.ts";

/** What the new file is made for. */
export interface Setup {
  /** The role's ARN; null where the file names one itself, or nobody said. */
  readonly role: string | null;
  /** Of the ID token, where the CI file chooses it. */
  readonly audience: string | null;
  /** Jobs to treat as if they called AWS by name: their scripts call something that does. */
  readonly jobs: readonly string[];
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
