import { flag } from "./iam-shapes.ts";
import { operation, type Operations, result } from "./operation.ts";
import { integer, optional } from "./parameters.ts";
import type { PasswordPolicy } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * What the account asks of passwords. Answers and texts: recorded from AWS, 2026-02 (localstack,
 * test_iam_account_password_policy.py), but for what is said of passwords.
 */

const NUMBERS = {
  MinimumPasswordLength: integer({ min: 6, max: 128 }),
  MaxPasswordAge: integer({ min: 1, max: 1095 }),
  PasswordReusePrevention: integer({ min: 1, max: 24 }),
};

// "If you do not specify a value for a parameter, it reverts to its default value." IAM API reference.
const DEFAULTS = {
  MinimumPasswordLength: 6,
  RequireSymbols: false,
  RequireNumbers: false,
  RequireUppercaseCharacters: false,
  RequireLowercaseCharacters: false,
  AllowUsersToChangePassword: false,
};

const put = operation({
  parameters: {
    MinimumPasswordLength: optional(NUMBERS.MinimumPasswordLength),
    RequireSymbols: optional(flag),
    RequireNumbers: optional(flag),
    RequireUppercaseCharacters: optional(flag),
    RequireLowercaseCharacters: optional(flag),
    AllowUsersToChangePassword: optional(flag),
    // In this order IAM tells of them.
    PasswordReusePrevention: optional(NUMBERS.PasswordReusePrevention),
    MaxPasswordAge: optional(NUMBERS.MaxPasswordAge),
    HardExpiry: optional(flag),
  },
  access: () => "*",
  run: ({ values, world }) => {
    const given = Object.entries(values).filter((entry): entry is [string, number | boolean] => entry[1] !== undefined);
    const expires = { ExpirePasswords: values.MaxPasswordAge !== undefined };
    const passwordPolicy = { ...DEFAULTS, ...expires, ...Object.fromEntries(given) };
    world.store.changeIam((iam) => ({ ...iam, passwordPolicy }));
    return result();
  },
});

function missing({ store }: World): Refusal {
  return iamError("NoSuchEntity", `The Password Policy with domain name ${store.identity.account} cannot be found.`);
}

const get = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    const { passwordPolicy: policy } = world.store.iam;
    return policy ? result({ PasswordPolicy: policy }) : missing(world);
  },
});

const remove = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    if (!world.store.iam.passwordPolicy)
      return iamError("NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.");
    world.store.changeIam((iam) => ({ ...iam, passwordPolicy: undefined }));
    return result();
  },
});

// IAM guide, account password policy: the symbols that count. In this order they are told, as far as it was seen.
const KINDS: readonly (readonly [string, RegExp, string])[] = [
  ["RequireUppercaseCharacters", /[A-Z]/, "uppercase letter"],
  ["RequireLowercaseCharacters", /[a-z]/, "lowercase letter"],
  ["RequireNumbers", /\d/, "number"],
  ["RequireSymbols", /[!@#$%^&*()_+\-=[\]{}|']/, "symbol"],
];

// IAM guide, default password policy: 8 characters, and three of the four kinds.
const DEFAULT_LENGTH = 8;
const DEFAULT_KINDS = 3;

/**
 * What IAM says against a password. The sentence about kinds of the default policy is in what people met at AWS
 * (redhat-cop/agnosticd#6594, 2023); that several are told after one another, and that of the length, is not verified.
 */
export function checkPassword(password: string, policy: PasswordPolicy | undefined): Refusal | null {
  const least = policy ? Number(policy["MinimumPasswordLength"]) : DEFAULT_LENGTH;
  const short = password.length < least ? [`Password should have a minimum length of ${least}`] : [];
  const problems = [...short, ...lackingKinds(password, policy)];
  return problems.length > 0 ? iamError("PasswordPolicyViolation", problems.join(", ")) : null;
}

function lackingKinds(password: string, policy: PasswordPolicy | undefined): readonly string[] {
  const lacking = KINDS.filter(([name, form]) => policy?.[name] !== false && !form.test(password)).map(
    ([, , kind]) => `Password should have at least one ${kind}`,
  );
  if (policy) return lacking;
  const more = DEFAULT_KINDS - (KINDS.length - lacking.length);
  return more > 0 ? [`Password should meet ${more} more of the following requirements: ${lacking.join(", ")}`] : [];
}

export const PASSWORD_POLICY_OPERATIONS: Operations = {
  UpdateAccountPasswordPolicy: put,
  GetAccountPasswordPolicy: get,
  DeleteAccountPasswordPolicy: remove,
};
