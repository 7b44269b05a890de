import { operation } from "./operation.ts";
import { integer, optional, type Parameter, structure, text } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { UNSIGNED } from "./sts-assume-role.ts";
import { arn, isGlobalEndpoint } from "./sts-shapes.ts";

// AWS IAM guide, id_root-user-privileged-task.
const TASKS = [
  "IAMAuditRootUserCredentials",
  "IAMCreateRootUserPassword",
  "IAMDeleteRootUserCredentials",
  "S3UnlockBucketPolicy",
  "SQSUnlockQueuePolicy",
].map((name) => `arn:aws:iam::aws:policy/root-task/${name}`);

const descriptor = structure({ arn: optional(arn) });

/** The policy of a task. Recorded: left out, and empty, it is null. */
const taskPolicy: Parameter<{ readonly arn: string | undefined }> = {
  read: (given, path, report) =>
    given === undefined ? report.add(path, null, "Member must not be null") : descriptor.read(given, path, report),
};

/**
 * Refused, since it is for a member account of an organisation and the account here is in none. Parameters and texts
 * were recorded from AWS (2026-09) in a management account without root sessions, which gives no reason either.
 */
export const assumeRoot = operation({
  // Source: STS API model (botocore 1.43.107).
  parameters: {
    TargetPrincipal: text({ min: 12, max: 2048 }),
    TaskPolicyArn: taskPolicy,
    DurationSeconds: optional(integer({ min: 0, max: 900 })),
  },
  access: "signer",
  run: ({ values, principal, origin }) => {
    if (!principal) return UNSIGNED;
    if (isGlobalEndpoint(origin)) return refuse(400, "InvalidAction", "Unknown Operation");
    const { TargetPrincipal: target, TaskPolicyArn: task } = values;
    const [, account] = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(target) ?? [];
    const isRoot = account !== undefined && (target === account || target === `arn:aws:iam::${account}:root`);
    if (!isRoot) return refuse(400, "ValidationError", "Request must contain a valid target principal");
    if (!TASKS.includes(task.arn ?? "")) {
      return refuse(400, "ValidationError", "Request must contain valid AWS managed task policy ARN");
    }
    const where = `arn:aws:iam::${account}:root`;
    const message = `User: ${principal.arn} is not authorized to perform: sts:AssumeRoot on resource: ${where}`;
    return refuse(403, "AccessDenied", message);
  },
});
