import type { Claims } from "../../token.ts";

/** A subject in its parts, or the parts of a pattern for subjects. */
export interface Parts {
  readonly tenant: string;
  readonly project: string;
  /** Which of the project's runs; empty where the issuer does not tell. */
  readonly tail: string;
}

/** Ids beside the names. */
export interface Ids {
  readonly tenant: string;
  readonly project: string;
}

export type RunKind = "branch" | "tag" | "pull-request" | "plan";

/** A run of the right project that is not the one that was meant. */
export interface Run {
  readonly kind: RunKind;
  readonly tail: string;
  readonly claims: Claims;
}

/** How the subjects of an issuer are built, and which claims say who somebody is. */
export interface Shape {
  readonly id: string;
  /** The provider's URL; subjects alone tell where each customer has another. */
  readonly issuer?: RegExp;
  /** Begins every subject. */
  readonly lead: string;
  /** Ends the tenant; null where the issuer has one tenant. */
  readonly afterTenant: string | null;
  /** Ends the project; null where nothing follows. */
  readonly afterProject: string | null;
  readonly sample: Parts;
  readonly runs: readonly Run[];
  /** Pull requests have a subject of their own. */
  readonly pullSubject?: true;
  /** Repositories can choose what their subjects are made of. */
  readonly template?: true;
  /** Claims beside `sub` that say which customer or project it is. */
  readonly identity: readonly string[];
  /** The claim that the tenant is pinned by, where it is not `sub`. */
  readonly tenancy?: "aud" | "sts:RoleSessionName";
  /** Where the customers end. */
  readonly tenantWord: string;
  readonly claims?: (parts: Parts, ids: Ids) => Claims;
}
