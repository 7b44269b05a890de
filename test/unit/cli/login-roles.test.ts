import { describe, expect, it } from "vitest";
import { type LoginRolesInput, parseLoginRoles } from "../../../src/cli/login-roles.ts";
import { fakeIo } from "./fake-io.ts";

const A = "arn:aws:iam::123456789012:role/a=b";
const B = "arn:aws:iam::210987654321:role/b";

function parse(input: Partial<LoginRolesInput>, env: Readonly<Record<string, string>> = {}) {
  return parseLoginRoles({ role: [], profile: undefined, default: undefined, ...input }, fakeIo(env));
}

describe("the roles of a login", () => {
  it("are one, of the profile that is named, else of AWS_PROFILE, else default", () => {
    expect(parse({ role: [A], profile: "ci" })).toEqual([{ role: A, profiles: ["ci"] }]);
    expect(parse({}, { AWS_PROFILE: "mine" })).toEqual([{ role: undefined, profiles: ["mine"] }]);
    expect(parse({ role: [A] })).toEqual([{ role: A, profiles: ["default"] }]);
  });

  it("are several with names, one of them the default as well", () => {
    expect(parse({ role: [`a=${A}`, `b=${B}`], default: "b" })).toEqual([
      { role: A, profiles: ["a"] },
      { role: B, profiles: ["b", "default"] },
    ]);
    expect(parse({ role: [`a=${A}`] })).toEqual([{ role: A, profiles: ["a"] }]);
  });

  it.each<readonly [string, Partial<LoginRolesInput>, RegExp]>([
    ["have no names", { role: [A, B] }, /several roles need a profile's name each/],
    ["have a name but for one", { role: [`a=${A}`, B] }, /several roles need a profile's name each/],
    ["have one name twice", { role: [`a=${A}`, `a=${B}`] }, /--role a=… is given twice/],
    ["have a name that is none", { role: [`a b=${A}`, `c=${B}`] }, /--role is not a profile name/],
    ["have another default", { role: [`a=${A}`, `b=${B}`], default: "c" }, /--default: expected a or b, got "c"/],
    ["have --profile beside names", { role: [`a=${A}`], profile: "ci" }, /--profile is for one role/],
    ["have a default without names", { role: [A], default: "a" }, /--default names one of several/],
  ])("are refused when they %s", (_, input, message) => {
    expect(() => parse(input)).toThrowWithCode("usage", message);
  });
});
