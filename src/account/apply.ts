import { isRolecallError, RolecallError } from "../core/errors.ts";
import type { Iam } from "../wire/aws-sdk.ts";
import type { Change, Step } from "./change.ts";
import { type ChangeOptions, changesFor } from "./changes.ts";
import type { Desired } from "./desired.ts";
import { readLive } from "./live.ts";

/**
 * Makes an account hold what is desired. Running it again does nothing, or finishes what was cut short.
 *
 * @returns every provider and role with what was done to it, `keep` included, in the order of the doing
 * @throws RolecallError as `changesFor` before anything is changed; later as the calls of {@link Iam},
 *   with what was done and what was not in the details
 */
export async function apply(iam: Iam, desired: Desired, options: ChangeOptions = {}): Promise<readonly Change[]> {
  const changes = changesFor(desired, await readLive(iam, desired), options);
  await makeChanges(iam, changes);
  return changes;
}

/**
 * Makes changes one after the other and stops at the first that fails.
 *
 * @param done called after each change that had something to do
 * @throws RolecallError as the calls of {@link Iam}, with what was done and what was not in the details
 */
export async function makeChanges(
  iam: Iam,
  changes: readonly Change[],
  done: (change: Change) => void = () => {},
): Promise<void> {
  for (const [index, change] of changes.entries()) {
    try {
      for (const step of change.steps) await perform(iam, step);
      if (change.steps.length > 0) done(change);
    } catch (error) {
      throw withProgress(error, changes, index);
    }
  }
}

type StepOf<Kind extends Step["kind"]> = Extract<Step, { readonly kind: Kind }>;

const PERFORM: { readonly [Kind in Step["kind"]]: (iam: Iam, step: StepOf<Kind>) => Promise<unknown> } = {
  "create-provider": (iam, { provider }) => iam.createProvider(provider),
  "tag-provider": (iam, { arn, tags }) => iam.tagProvider(arn, tags),
  "untag-provider": (iam, { arn, keys }) => iam.untagProvider(arn, keys),
  "remove-audience": (iam, { arn, audience }) => iam.removeAudience(arn, audience),
  "set-thumbprints": (iam, { arn, thumbprints }) => iam.setThumbprints(arn, thumbprints),
  "delete-provider": (iam, { arn }) => iam.deleteProvider(arn),
  "add-audience": (iam, { arn, audience }) => iam.addAudience(arn, audience),
  "create-role": (iam, { role }) => iam.createRole(role),
  "tag-role": (iam, { role, tags }) => iam.tagRole(role, tags),
  "untag-role": (iam, { role, keys }) => iam.untagRole(role, keys),
  "delete-role": (iam, { role }) => iam.deleteRole(role),
  "set-trust": (iam, { role, trust }) => iam.setTrust(role, trust),
  "update-role": (iam, { role, ...settings }) => iam.updateRole(role, settings),
  "set-boundary": (iam, { role, boundary }) => iam.setBoundary(role, boundary),
  "attach-policy": (iam, { role, arn }) => iam.attachPolicy(role, arn),
  "detach-policy": (iam, { role, arn }) => iam.detachPolicy(role, arn),
  "put-policy": (iam, { role, name, document }) => iam.putInlinePolicy(role, name, document),
  "delete-policy": (iam, { role, name }) => iam.deleteInlinePolicy(role, name),
};

async function perform<Kind extends Step["kind"]>(iam: Iam, step: StepOf<Kind>): Promise<void> {
  const run: (iam: Iam, step: StepOf<Kind>) => Promise<unknown> = PERFORM[step.kind];
  await run(iam, step);
}

/** The error with what was done before it and what was not, so that nobody has to go and look. */
function withProgress(error: unknown, changes: readonly Change[], at: number): unknown {
  if (!isRolecallError(error)) return error;
  const lines = changes.flatMap((change, index) =>
    change.steps.length === 0 ? [] : [`${stateOf(index, at)}: ${change.action} ${change.kind} ${change.name}`],
  );
  return new RolecallError(error.code, error.message, {
    details: [...error.details, ...lines],
    hints: [...error.hints, "run it again when that is mended: it goes on from there"],
    cause: error,
  });
}

function stateOf(index: number, at: number): string {
  if (index === at) return "not finished";
  return index < at ? "done" : "not begun";
}
