import { scryptSync, timingSafeEqual } from "node:crypto";

import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { changeHolder, isRefusal, USERS } from "./iam-holders.ts";
import { checkPassword } from "./iam-password-policy.ts";
import { flag } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { operation, type Operations, result, SELF } from "./operation.ts";
import { optional, text } from "./parameters.ts";
import { randomBytes } from "./random.ts";
import type { LoginRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

/**
 * Console passwords: whether a user has one, and the user's own change of it. Answers and texts: recorded from AWS,
 * 2026-02 (localstack#13742); those of ChangePassword but for a missing profile are not verified.
 */

// The user may be left out: it is then who calls.
const named = { UserName: optional(USERS.name) };
// Told in no answer: the API model marks it sensitive.
const password = text({ min: 1, max: 128, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`, sensitive: true });

function loginXml({ name }: UserRecord, { created, reset }: LoginRecord): XmlFields {
  return { UserName: name, CreateDate: isoSeconds(created / 1000), PasswordResetRequired: reset };
}

function missing(name: string): Refusal {
  return iamError("NoSuchEntity", `Login Profile for User ${name} cannot be found.`);
}

const create = operation({
  parameters: { ...named, Password: password, PasswordResetRequired: optional(flag) },
  access: userArnOf,
  run: (call) => {
    const { values, world } = call;
    const user = findUserOrSelf(call);
    if (isRefusal(user)) return user;
    if (user.login) return iamError("EntityAlreadyExists", `Login Profile for user ${user.name} already exists.`);
    const weak = checkPassword(values.Password, world.store.iam.passwordPolicy);
    if (weak) return weak;
    const login: LoginRecord = {
      created: world.now(),
      reset: values.PasswordResetRequired ?? false,
      password: hash(values.Password),
    };
    world.store.changeIam((iam) => USERS.put(iam, { ...user, login }));
    return result({ LoginProfile: loginXml(user, login) });
  },
});

const get = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => {
    const user = findUserOrSelf(call);
    if (isRefusal(user)) return user;
    return user.login ? result({ LoginProfile: loginXml(user, user.login) }) : missing(user.name);
  },
});

const update = operation({
  parameters: { UserName: USERS.name, Password: optional(password), PasswordResetRequired: optional(flag) },
  access: userArnOf,
  run: (call) =>
    changeHolder(USERS, call, (user) => {
      const { Password: wanted, PasswordResetRequired: reset } = call.values;
      if (!user.login) return missing(user.name);
      const weak = wanted === undefined ? null : checkPassword(wanted, call.world.store.iam.passwordPolicy);
      const stored = wanted === undefined ? user.login.password : hash(wanted);
      return weak ?? { ...user, login: { ...user.login, reset: reset ?? user.login.reset, password: stored } };
    }),
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => {
    const user = findUserOrSelf(call);
    if (isRefusal(user)) return user;
    const own = { values: { UserName: user.name }, world: call.world };
    return changeHolder(USERS, own, (one) => (one.login ? { ...one, login: undefined } : missing(one.name)));
  },
});

const change = operation({
  parameters: { OldPassword: password, NewPassword: password },
  access: () => SELF,
  run: ({ values, world, principal }) => {
    if (principal?.kind !== "user") return iamError("InvalidUserType", "Only IAM users may change their own password.");
    return changeHolder(USERS, { values: { UserName: principal.name }, world }, (user) => {
      const { login } = user;
      if (!login) return missing(user.name);
      if (!isPassword(values.OldPassword, login.password)) {
        return iamError("AccessDenied", "The old password was incorrect.");
      }
      const weak = checkPassword(values.NewPassword, world.store.iam.passwordPolicy);
      return weak ?? { ...user, login: { ...login, reset: false, password: hash(values.NewPassword) } };
    });
  },
});

// Cheap: the passwords of a cloud on this machine.
const COST = { N: 1024 };

function hash(wanted: string, salt = randomBytes(12).toString("base64")): string {
  return `${salt}:${scryptSync(wanted, salt, 24, COST).toString("base64")}`;
}

function isPassword(given: string, stored: string | undefined): boolean {
  const [salt] = stored?.split(":") ?? [];
  return salt !== undefined && timingSafeEqual(Buffer.from(hash(given, salt)), Buffer.from(stored ?? ""));
}

export const LOGIN_PROFILE_OPERATIONS: Operations = {
  CreateLoginProfile: create,
  GetLoginProfile: get,
  UpdateLoginProfile: update,
  DeleteLoginProfile: remove,
  ChangePassword: change,
};
