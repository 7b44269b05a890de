import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { changeHolder, findHolder, isRefusal, USERS } from "./iam-holders.ts";
import { checkPassword } from "./iam-password-policy.ts";
import { flag } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { operation, type Operations, result } from "./operation.ts";
import { optional, text } from "./parameters.ts";
import type { LoginRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

/** Console passwords: whether a user has one. Texts are those that people paste from AWS, none recorded. */

const named = { UserName: USERS.name };
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
  run: ({ values, world }) => {
    const user = findHolder(USERS, { values, world });
    if (isRefusal(user)) return user;
    if (user.login) return iamError("EntityAlreadyExists", `Login Profile for user ${user.name} already exists.`);
    const weak = checkPassword(values.Password, world.store.iam.passwordPolicy);
    if (weak) return weak;
    const login = { created: world.now(), reset: values.PasswordResetRequired ?? false };
    world.store.changeIam((iam) => USERS.put(iam, { ...user, login }));
    return result({ LoginProfile: loginXml(user, login) });
  },
});

const get = operation({
  parameters: { UserName: optional(USERS.name) },
  access: userArnOf,
  run: (call) => {
    const user = findUserOrSelf(call);
    if (isRefusal(user)) return user;
    return user.login ? result({ LoginProfile: loginXml(user, user.login) }) : missing(user.name);
  },
});

const update = operation({
  parameters: { ...named, Password: optional(password), PasswordResetRequired: optional(flag) },
  access: userArnOf,
  run: (call) =>
    changeHolder(USERS, call, (user) => {
      const { Password: wanted, PasswordResetRequired: reset } = call.values;
      if (!user.login) return missing(user.name);
      const weak = wanted === undefined ? null : checkPassword(wanted, call.world.store.iam.passwordPolicy);
      return weak ?? { ...user, login: { ...user.login, reset: reset ?? user.login.reset } };
    }),
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => changeHolder(USERS, call, (user) => (user.login ? { ...user, login: undefined } : missing(user.name))),
});

export const LOGIN_PROFILE_OPERATIONS: Operations = {
  CreateLoginProfile: create,
  GetLoginProfile: get,
  UpdateLoginProfile: update,
  DeleteLoginProfile: remove,
};
