import { flag } from "./iam-shapes.ts";
import { operation, type Operations, result } from "./operation.ts";
import { integer, optional } from "./parameters.ts";
import type { PasswordPolicy } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** What the account asks of passwords. */

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
    // In this order IAM tells of them, as others captured it.
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

// A text that people paste; not recorded.
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
    if (!world.store.iam.passwordPolicy) return missing(world);
    world.store.changeIam((iam) => ({ ...iam, passwordPolicy: undefined }));
    return result();
  },
});

// IAM guide, account password policy: the symbols that count.
const CLASSES: readonly (readonly [string, RegExp, string])[] = [
  ["RequireSymbols", /[!@#$%^&*()_+\-=[\]{}|']/, "symbol"],
  ["RequireNumbers", /\d/, "number"],
  ["RequireUppercaseCharacters", /[A-Z]/, "uppercase letter"],
  ["RequireLowercaseCharacters", /[a-z]/, "lowercase letter"],
];

/**
 * What IAM says against a password. Code and status are the API model's; the text of the default policy is in logs of
 * CloudFormation, the others are not verified.
 */
export function checkPassword(password: string, policy: PasswordPolicy | undefined): Refusal | null {
  if (!policy) return checkDefault(password);
  const least = Number(policy["MinimumPasswordLength"]);
  if (password.length < least)
    return iamError("PasswordPolicyViolation", `Password should have a minimum length of ${least}`);
  const lacking = CLASSES.find(([name, form]) => policy[name] === true && !form.test(password));
  return lacking ? iamError("PasswordPolicyViolation", `Password should have at least one ${lacking[2]}`) : null;
}

// IAM guide, default password policy: 8 characters, and three of the four kinds.
function checkDefault(password: string): Refusal | null {
  const kinds = CLASSES.filter(([, form]) => form.test(password)).length;
  return password.length >= 8 && kinds >= 3
    ? null
    : iamError("PasswordPolicyViolation", "Password does not conform to the account password policy.");
}

export const PASSWORD_POLICY_OPERATIONS: Operations = {
  UpdateAccountPasswordPolicy: put,
  GetAccountPasswordPolicy: get,
  DeleteAccountPasswordPolicy: remove,
};
