/** A variable or secret of a CI that holds an AWS key, by all that is known of it. Its value is no part of it. */
export interface CiVariable {
  /** A `Ci.id`. */
  readonly ci: string;
  readonly name: string;
  readonly kind: "variable" | "secret";
  /** Where it belongs: `project acme/shop`, `organization acme`. */
  readonly owner: string;
  /** Of what the CI says of it: `protected`, `not masked`, `environment production`. */
  readonly notes: readonly string[];
  /** The page on which it is taken out. */
  readonly page: string;
}

/** What was read, and what could not be. */
export interface VariableList {
  readonly variables: readonly CiVariable[];
  /** Places that the token may not read, and why: they may hold keys as well. */
  readonly unread: readonly string[];
}

const NAMES =
  /^(?:.*AWS.*_?(?:ACCESS_?KEY|SECRET|SESSION_?TOKEN|SECURITY_?TOKEN).*|.*(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY).*)$/i;

/** Whether a variable is named as one that holds an AWS key. */
export function isKeyName(name: string): boolean {
  return NAMES.test(name);
}
