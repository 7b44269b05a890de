import type { NewProvider, NewRole, Tags } from "../wire/aws-sdk.ts";

/** One call to IAM that changes something. */
export type Step =
  | { readonly kind: "create-provider"; readonly provider: NewProvider }
  | { readonly kind: "tag-provider"; readonly arn: string; readonly tags: Tags }
  | { readonly kind: "add-audience"; readonly arn: string; readonly audience: string }
  | { readonly kind: "create-role"; readonly role: NewRole }
  | { readonly kind: "tag-role"; readonly role: string; readonly tags: Tags }
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
  | { readonly kind: "delete-policy"; readonly role: string; readonly name: string };

/** What becomes of one provider or role; `keep` has no steps. */
export interface Change {
  readonly action: "create" | "update" | "add-audience" | "keep";
  readonly kind: "provider" | "role";
  /** A role's name, a provider's URL. */
  readonly name: string;
  readonly arn: string;
  /** What is made or altered, for people: `trust policy`, `audience https://shop.test`. */
  readonly what: readonly string[];
  /** In the order in which they must be made. */
  readonly steps: readonly Step[];
}
