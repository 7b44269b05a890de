import type { Json } from "../core/token.ts";

/**
 * What the role may do: a managed policy, or a document that becomes an inline policy. In both
 * `$(account)` and `$(partition)` stand for those of the account that the role is made in.
 */
export type Permission =
  | { readonly kind: "managed"; readonly arn: string }
  /** Without a name it is named by its order. */
  | { readonly kind: "inline"; readonly name?: string; readonly document: Json };
