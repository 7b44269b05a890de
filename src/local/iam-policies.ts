import { encodePart } from "../wire/query.ts";
import { changeHolder, findHolder, holderArn, type HolderKind, isRefusal } from "./iam-holders.ts";
import { identityProblem } from "./iam-identity-grammar.ts";
import { checkAttachable, nameOf, pathOf, policyArn } from "./iam-managed-records.ts";
import { sizeOf } from "./iam-role-records.ts";
import { protectedRole } from "./iam-service-linked-roles.ts";
import { arn, paging, policyDocument, policyName, policyPathPrefix } from "./iam-shapes.ts";
import { type Answer, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import type { Holder } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

// IAM quotas: attached policies of a role or user.
const MOST_ATTACHED = 10;

/** Changes the policies of a holder whom the account owns. */
function changePolicies<H extends Holder>(
  kind: HolderKind<H>,
  call: Parameters<typeof changeHolder<H>>[1],
  update: (holder: H) => H | Refusal,
): Answer {
  return changeHolder(kind, call, (holder) => protectedRole(holder) ?? update(holder));
}

/** The calls about the inline policies of roles, or of users. */
export function inlineOperations<H extends Holder>(kind: HolderKind<H>): Operations {
  const { title, noun, parameter } = kind;
  const target = { [parameter]: kind.existingName };
  const named = { ...target, PolicyName: policyName };
  const access = holderArn(kind);
  const missing = (name: string): Refusal =>
    iamError("NoSuchEntity", `The ${noun} policy with name ${name} cannot be found.`);
  return {
    [`Put${title}Policy`]: operation({
      parameters: { ...named, PolicyDocument: policyDocument },
      access,
      run: (call) =>
        changePolicies(kind, call, (holder) => {
          const { PolicyName: name, PolicyDocument: document } = call.values;
          const inline = { ...holder.inline, [name]: document };
          return checkInline(document, inline, kind, holder) ?? { ...holder, inline };
        }),
    }),
    [`Get${title}Policy`]: operation({
      parameters: named,
      access,
      run: (call) => {
        const holder = findHolder(kind, call);
        if (isRefusal(holder)) return holder;
        const { PolicyName: name } = call.values;
        const document = Object.hasOwn(holder.inline, name) ? holder.inline[name] : undefined;
        if (document === undefined) return missing(name);
        return result({ [parameter]: holder.name, PolicyName: name, PolicyDocument: encodePart(document) });
      },
    }),
    [`Delete${title}Policy`]: operation({
      parameters: named,
      access,
      run: (call) =>
        changePolicies(kind, call, (holder) => {
          const { PolicyName: name } = call.values;
          if (!Object.hasOwn(holder.inline, name)) return missing(name);
          const left = Object.entries(holder.inline).filter(([one]) => one !== name);
          return { ...holder, inline: Object.fromEntries(left) };
        }),
    }),
    [`List${title}Policies`]: operation({
      parameters: { ...target, ...paging },
      access,
      run: (call) => {
        const holder = findHolder(kind, call);
        if (isRefusal(holder)) return holder;
        const page = paginate(Object.keys(holder.inline), (name) => name, call.values);
        return page.kind === "refused" ? page : result({ PolicyNames: page.items, ...page.tail });
      },
    }),
  };
}

function checkInline<H extends Holder>(
  document: string,
  inline: Holder["inline"],
  { noun, longestInline }: HolderKind<H>,
  { name }: H,
): Refusal | null {
  const problem = identityProblem(document, "inline");
  if (problem !== null) return iamError("MalformedPolicyDocument", problem);
  const size = Object.values(inline).reduce((sum, one) => sum + sizeOf(one), 0);
  if (size <= longestInline) return null;
  return iamError("LimitExceeded", `Maximum policy size of ${longestInline} bytes exceeded for ${noun} ${name}`);
}

/** The calls about the managed policies that are attached to roles, or to users. */
export function attachOperations<H extends Holder>(kind: HolderKind<H>): Operations {
  const { title } = kind;
  const target = { [kind.parameter]: kind.name };
  const access = holderArn(kind);
  return {
    [`Attach${title}Policy`]: operation({
      parameters: { ...target, PolicyArn: arn },
      access,
      run: (call) =>
        changePolicies(kind, call, (holder) => {
          const { PolicyArn: wanted } = call.values;
          const problem = checkAttachable(wanted, call.world.store.iam);
          if (problem) return problem;
          if (holder.attached.includes(wanted)) return holder;
          if (holder.attached.length >= MOST_ATTACHED)
            return iamError("LimitExceeded", `Cannot exceed quota for PoliciesPer${title}: ${MOST_ATTACHED}`);
          return { ...holder, attached: [...holder.attached, wanted] };
        }),
    }),
    [`Detach${title}Policy`]: operation({
      parameters: { ...target, PolicyArn: arn },
      access,
      run: (call) =>
        changePolicies(kind, call, (holder) => {
          const { PolicyArn: wanted } = call.values;
          const malformed = policyArn(wanted);
          if (malformed) return malformed;
          if (!holder.attached.includes(wanted)) return iamError("NoSuchEntity", `Policy ${wanted} was not found.`);
          return { ...holder, attached: holder.attached.filter((one) => one !== wanted) };
        }),
    }),
    [`ListAttached${title}Policies`]: operation({
      parameters: { ...target, PathPrefix: optional(policyPathPrefix), ...paging },
      access,
      run: (call) => {
        const holder = findHolder(kind, call);
        if (isRefusal(holder)) return holder;
        const { PathPrefix: prefix = "/" } = call.values;
        const matching = holder.attached.filter((one) => pathOf(one).startsWith(prefix));
        const page = paginate(matching, (one) => `${nameOf(one)} ${one}`, call.values);
        if (page.kind === "refused") return page;
        return result({
          AttachedPolicies: page.items.map((one) => ({ PolicyName: nameOf(one), PolicyArn: one })),
          ...page.tail,
        });
      },
    }),
  };
}
