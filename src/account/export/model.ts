import { basename } from "node:path";

import { isRolecallError, RolecallError } from "../../core/errors.ts";
import type { Tags } from "../../wire/aws-sdk.ts";
import type { AccountConfig, Config } from "../config.ts";
import { type Desired, type DesiredProvider, type DesiredRole, desiredState } from "../desired.ts";
import { MANAGED, TAG_PREFIX } from "../tags.ts";
import { ANY_ACCOUNT, readable } from "./marks.ts";

/**
 * The tag of what an export makes; its value is the configuration's name. It is not `rolecall:managed`, so that
 * `rolecall apply` and `destroy` leave alone what Terraform or CloudFormation looks after.
 */
export const EXPORTED = `${TAG_PREFIX}exported`;

/** The account that something is exported for. */
export type ExportAccount = Pick<AccountConfig, "name" | "id" | "partition">;

/** What is exported: one account's share of a configuration, or what any account would get. */
export interface Model {
  /** As named to `parseConfig`, for comments. */
  readonly file: string;
  /** The configuration's name. */
  readonly config: string;
  /** Null when it is for whichever account it is used in; texts then have the marks of `marks.ts`. */
  readonly account: ExportAccount | null;
  readonly desired: Desired;
}

/** One file of an export. */
export interface ExportedFile {
  /** Beside the other files of the same account. */
  readonly name: string;
  readonly text: string;
  /** A script, to be run. */
  readonly executable?: true;
}

/** What a format makes of a model. */
export interface Exported {
  /** The product first, then what goes with it. */
  readonly files: readonly [ExportedFile, ...ExportedFile[]];
  /** What whoever uses it must know, one line each. */
  readonly notes: readonly string[];
}

/**
 * @param account one of the file's; null for all of the file's roles, in whichever account
 * @throws RolecallError as `desiredState`
 */
export function exportModel(config: Config, account: ExportAccount | null): Model {
  const { file, name } = config;
  if (account) {
    const target = { account: account.id, partition: account.partition };
    return { file, config: name, account, desired: desiredState(config, target) };
  }
  try {
    return { file, config: name, account: null, desired: desiredState(config, ANY_ACCOUNT) };
  } catch (error) {
    throw withoutMarks(error);
  }
}

function withoutMarks(error: unknown): unknown {
  if (!isRolecallError(error)) return error;
  const { code, message, details, hints } = error;
  return new RolecallError(code, readable(message), {
    details: details.map(readable),
    hints: hints.map(readable),
    cause: error,
  });
}

/** A role's tags as an export gives them: the file's, and the mark of exports, by key. */
export function roleTags({ tags }: DesiredRole, config: string): Tags {
  const own = Object.entries(tags).filter(([key]) => key !== MANAGED);
  const all = [...own, [EXPORTED, config] as const];
  return Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The first comment lines of every format. */
export function headLines(model: Model, format: string): readonly string[] {
  return [
    `Made by rolecall export ${format}: ${madeFrom(model)}.`,
    "Change that file and export again, rather than this.",
  ];
}

/** `of rolecall.yaml, for account 111111111111 (staging)` */
export function madeFrom({ file, account }: Model): string {
  return `of ${oneLine(basename(file))}, for ${account ? describe(account) : "whichever account it is used in"}`;
}

function describe({ name, id }: ExportAccount): string {
  return name === id ? `account ${id}` : `account ${id} (${name})`;
}

/** What must be so when a provider is not made, since it is there already. */
export function audienceNote({ url, audiences }: DesiredProvider): string {
  return `${url} with ${audiences.length === 1 ? "the audience" : "the audiences"} ${audiences.join(", ")}`;
}

/** Text of the file that goes into a comment: it must not end it. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
