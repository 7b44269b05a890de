import { isMap, type YAMLMap } from "yaml";
import type { Setup } from "./migration.ts";
import { addPairs, dropPair, pairOf, type Path, type Rewrite, scalarText } from "./rewrite.ts";
import { NO_ROLE } from "./step-script.ts";
import { keyName } from "./yaml-file.ts";

// Source: aws-actions/configure-aws-credentials, README and CHANGELOG (an ID token since 1.6.0), as of November 2026.

export const CONFIGURE = /^aws-actions\/configure-aws-credentials@/;
const WITHOUT_OIDC = /@v1\.[0-5](?:\.\d+)?$/;
const WITH_KEYS = new Set(["aws-access-key-id", "aws-secret-access-key", "aws-session-token"]);

/** The secret that the step takes its key id from; null where it takes none. */
export function keyOfStep(step: YAMLMap): string | null {
  const inputs = pairOf(step, "with")?.value;
  return isMap(inputs) ? scalarText(pairOf(inputs, "aws-access-key-id")?.value) : null;
}

export function keysWith(step: YAMLMap): number {
  const inputs = pairOf(step, "with")?.value;
  return isMap(inputs) ? inputs.items.filter((pair) => WITH_KEYS.has(keyName(pair))).length : 0;
}

/** The audience that the action and rolecall would not take by themselves. */
export function otherAudience(audience: string | null): string | null {
  return audience === "sts.amazonaws.com" ? null : audience;
}

/** Takes the keys out of the action's inputs; a role that they were only the way to stays. */
export function changeConfigure(
  rewrite: Rewrite,
  step: YAMLMap,
  path: Path,
  setup: Setup,
  refuse: (node: unknown, reason: string) => never,
): { line: string; role: string | null } {
  const { role } = setup;
  const uses = scalarText(pairOf(step, "uses")?.value) ?? "";
  if (WITHOUT_OIDC.test(uses)) return refuse(step, `${uses} takes no ID token: version 1.6 and later do`);
  const inputs = pairOf(step, "with")?.value;
  if (!isMap(inputs)) return refuse(step, "its inputs are written elsewhere");
  if (pairOf(inputs, "role-chaining")) return refuse(inputs, "it takes one role after another (role-chaining)");
  const named = scalarText(pairOf(inputs, "role-to-assume")?.value);
  if (named === null && role === null) return refuse(step, NO_ROLE);
  const others = inputs.items.filter((pair) => !WITH_KEYS.has(keyName(pair)));
  const [other] = others;
  const [first] = inputs.items;
  const audience = pairOf(inputs, "audience") ? null : otherAudience(setup.audience);
  const more = {
    ...(named === null ? { "role-to-assume": role ?? "" } : {}),
    ...(audience === null ? {} : { audience }),
  };
  if (first && Object.keys(more).length > 0) {
    if (inputs.flow) return refuse(inputs, "its inputs are written with braces");
    addPairs(rewrite, inputs, [...path, "with"], more, { before: other ?? first });
  }
  for (const pair of inputs.items.filter((one) => WITH_KEYS.has(keyName(one)))) {
    dropPair(rewrite, inputs, pair, [...path, "with"]);
  }
  return { line: `uses: ${uses}`, role: named ?? role };
}
