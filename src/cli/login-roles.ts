import { RolecallError } from "../core/errors.ts";
import { parseProfileName } from "../credentials/profile.ts";
import type { Io } from "./io.ts";

/** A role, and the profiles that are to be it. */
export interface LoginRole {
  /** As it was given; undefined when the environment names it. */
  readonly role: string | undefined;
  readonly profiles: readonly string[];
}

export interface LoginRolesInput {
  /** `ARN`, or `NAME=ARN` where there are several. */
  readonly role: readonly string[];
  readonly profile: string | undefined;
  /** The name whose role the default profile is to be as well. */
  readonly default: string | undefined;
}

/**
 * Which profile is to be which role.
 *
 * @throws RolecallError `usage`
 */
export function parseLoginRoles({ role, profile, default: main }: LoginRolesInput, io: Io): readonly LoginRole[] {
  const named = role.map(takeApart);
  if (named.every(({ name }) => name === null) && named.length <= 1) {
    if (main !== undefined) throw wrong("--default names one of several roles: expected --role NAME=ARN");
    const name = parseProfileName(profile ?? (io.env["AWS_PROFILE"] || "default"), "--profile");
    return [{ role: named[0]?.arn, profiles: [name] }];
  }
  if (profile !== undefined) throw wrong("--profile is for one role: expected the profiles' names in --role NAME=ARN");
  const roles = named.map(({ name, arn }) => {
    if (name === null) throw wrong("several roles need a profile's name each: expected --role NAME=ARN");
    return { name: parseProfileName(name, "--role"), arn };
  });
  const twice = roles.find(({ name }, at) => roles.findIndex((one) => one.name === name) !== at);
  if (twice) throw wrong(`--role ${twice.name}=… is given twice`);
  if (main !== undefined && !roles.some(({ name }) => name === main))
    throw wrong(`--default: expected ${roles.map(({ name }) => name).join(" or ")}, got ${JSON.stringify(main)}`);
  return roles.map(({ name, arn }) => ({
    role: arn,
    profiles: name === main && name !== "default" ? [name, "default"] : [name],
  }));
}

/** An ARN may hold `=` too, but a profile's name is no ARN. */
function takeApart(text: string): { readonly name: string | null; readonly arn: string } {
  const at = text.startsWith("arn:") ? -1 : text.indexOf("=");
  return at < 0 ? { name: null, arn: text } : { name: text.slice(0, at), arn: text.slice(at + 1) };
}

function wrong(message: string): RolecallError {
  return new RolecallError("usage", `login: ${message}`, {
    hints: ["rolecall login --role build=arn:aws:iam::123456789012:role/build --role deploy=ARN --default build"],
  });
}
