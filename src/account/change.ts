import type { NewProvider, NewRole, Tags } from "../wire/aws-sdk.ts";
import type { Access } from "./access.ts";

/** One call to IAM that changes something. */
export type Step =
  | { readonly kind: "create-provider"; readonly provider: NewProvider }
  | { readonly kind: "tag-provider"; readonly arn: string; readonly tags: Tags }
  | { readonly kind: "untag-provider"; readonly arn: string; readonly keys: readonly string[] }
  | { readonly kind: "add-audience"; readonly arn: string; readonly audience: string }
  | { readonly kind: "remove-audience"; readonly arn: string; readonly audience: string }
  | { readonly kind: "set-thumbprints"; readonly arn: string; readonly thumbprints: readonly string[] }
  | { readonly kind: "delete-provider"; readonly arn: string }
  | { readonly kind: "create-role"; readonly role: NewRole }
  | { readonly kind: "tag-role"; readonly role: string; readonly tags: Tags }
  | { readonly kind: "untag-role"; readonly role: string; readonly keys: readonly string[] }
  | { readonly kind: "set-trust"; readonly role: string; readonly trust: string }
  | {
      readonly kind: "update-role";
      readonly role: string;
      readonly description: string;
      readonly maxSessionDuration: number;
    }
  | { readonly kind: "set-boundary"; readonly role: string; readonly boundary: string | null }
  | { readonly kind: "attach-policy"; readonly role: string; readonly arn: string }
  | { readonly kind: "detach-policy"; readonly role: string; readonly arn: string }
  | { readonly kind: "put-policy"; readonly role: string; readonly name: string; readonly document: string }
  | { readonly kind: "delete-policy"; readonly role: string; readonly name: string }
  | { readonly kind: "delete-role"; readonly role: string };

/** One thing that differs between what is there and what is wanted; null is nothing. */
export interface Field {
  /** In the words of the file: `trust`, `permissions`, `audience`. */
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  /** JSON, to be compared line by line. */
  readonly document?: true;
}

/** `release`: it was there before us, so only our marks go. */
export type Action = "create" | "update" | "add-audience" | "delete" | "release" | "keep";

/** What becomes of one provider or role; `keep` has no steps. */
export interface Change {
  readonly action: Action;
  readonly kind: "provider" | "role";
  /** A role's name, a provider's URL. */
  readonly name: string;
  readonly arn: string;
  /** What is made or altered, for people: `trust policy`, `audience https://shop.test`. */
  readonly what: readonly string[];
  /** The same with both sides, for a plan. */
  readonly fields: readonly Field[];
  /** Who can take the role after it and could not before, and the other way round; a role's whose trust changes. */
  readonly access: Access | null;
  /** What a reader should know, although nothing is done about it. */
  readonly notes: readonly string[];
  /** In the order in which they must be made. */
  readonly steps: readonly Step[];
}

/** One part of a change: a difference, and the calls that end it. */
export interface Part {
  /** Empty for what goes without saying, such as the settings of a new role. */
  readonly what: string;
  readonly field: Field;
  readonly steps: readonly Step[];
}

/** The parts of a change, as the change has them. */
export function joinParts(parts: readonly Part[]): Pick<Change, "what" | "fields" | "steps"> {
  return {
    what: parts.flatMap(({ what }) => (what === "" ? [] : [what])),
    fields: parts.map(({ field }) => field),
    steps: parts.flatMap(({ steps }) => steps),
  };
}
