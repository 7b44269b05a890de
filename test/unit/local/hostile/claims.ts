import { base64url, type Forgery, goodClaims, signed, type Workshop } from "./forge.ts";
import { DISGUISES, ODD_VALUES } from "./values.ts";

const TAGS = "https://aws.amazon.com/tags";
const ROLES = "https://aws.amazon.com/roles";
const SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";
const CLAIMS = ["iss", "sub", "aud", "azp", "iat", "exp", "nbf", "amr", "jti", TAGS, ROLES, SOURCE_IDENTITY];

/** JSON with one member laid over it, as text. */
function withMember(claims: Readonly<Record<string, unknown>>, name: string, value: string): string {
  const { [name]: _, ...rest } = claims;
  return JSON.stringify(rest).replace("{", `{${JSON.stringify(name)}:${value},`);
}

/** Every claim with a value of every kind: rightly signed, and under a signature that was made for others. */
export function* oddClaims(workshop: Workshop): Generator<Forgery> {
  const good = goodClaims(workshop);
  const [header = "", , signature = ""] = signed(workshop, good).split(".");
  for (const name of CLAIMS) {
    for (const value of ODD_VALUES) {
      const claims = withMember(good, name, value);
      const what = `${name}: ${value.slice(0, 30)}`;
      yield { what, token: signed(workshop, claims) };
      yield { what: `${what}, not signed for`, token: `${header}.${base64url(claims)}.${signature}` };
    }
  }
  for (const name of Object.keys(good)) {
    const { [name]: _, ...rest } = good;
    yield { what: `no ${name}`, token: signed(workshop, rest) };
    yield { what: `only ${name}`, token: signed(workshop, { [name]: good[name] }) };
    yield { what: `${name} in capitals`, token: signed(workshop, { ...rest, [name.toUpperCase()]: good[name] }) };
    yield { what: `${name} inherited`, token: signed(workshop, withMember(rest, "__proto__", JSON.stringify(good))) };
  }
  for (const name of ["iss", "sub", "aud"]) {
    for (const [how, change] of DISGUISES) {
      const value = change(String(good[name]));
      yield { what: `${name} with ${how}`, token: signed(workshop, { ...good, [name]: value }) };
    }
  }
}

/** Times on both sides of each edge, and in every notation. */
export function* oddTimes(workshop: Workshop): Generator<Forgery> {
  const good = goodClaims(workshop);
  const { now } = workshop;
  const offsets = [-86_400, -3600, -302, -301, -300, -299, -298, -1, 0, 1, 298, 299, 300, 301, 302, 3600, 86_400];
  for (const name of ["iat", "exp", "nbf"]) {
    for (const offset of offsets) {
      const time = now + offset;
      for (const text of [
        String(time),
        `"${time}"`,
        `${time}.5`,
        `" ${time}"`,
        `[${time}]`,
        `"${time}.0"`,
        `-${time}`,
      ]) {
        yield { what: `${name} is ${text} (now ${offset})`, token: signed(workshop, withMember(good, name, text)) };
      }
    }
    for (const text of [
      `${now}000`,
      `"${now}000"`,
      `"+${now}"`,
      `"0x6a"`,
      '"1e10"',
      '"2026-11-24T00:00:00Z"',
      '"now"',
    ]) {
      yield { what: `${name} is ${text}`, token: signed(workshop, withMember(good, name, text)) };
    }
  }
}

/** Audiences in every form, with and without an authorised party. */
export function* oddAudiences(workshop: Workshop): Generator<Forgery> {
  const good = goodClaims(workshop);
  const [first = "", second = ""] = workshop.audiences;
  const audiences: readonly unknown[] = [
    first,
    [first],
    [first, second],
    [first, "x"],
    ["x", first],
    [first, first],
    "x",
    ["x"],
    [],
    "",
    [""],
    `${first} `,
    `${first},x`,
    `x ${first}`,
    first.toUpperCase(),
    { aud: first },
    [[first]],
    [first, null],
    null,
    1,
  ];
  const parties: readonly unknown[] = [first, second, "x", "", null, [first], { a: first }, 0, true, `${first}/`];
  for (const aud of audiences) {
    yield { what: `aud ${JSON.stringify(aud)}`, token: signed(workshop, { ...good, aud }) };
    for (const azp of parties) {
      const what = `aud ${JSON.stringify(aud)}, azp ${JSON.stringify(azp)}`;
      yield { what, token: signed(workshop, { ...good, aud, azp }) };
    }
  }
}

/** One claim said twice in the JSON text: the last counts, as was captured from AWS. */
export function* duplicateClaims(workshop: Workshop): Generator<Forgery> {
  const good = goodClaims(workshop);
  const { now, other } = workshop;
  const bad: Readonly<Record<string, unknown>> = { iss: other.url, sub: "x", aud: "x", iat: now + 900, exp: 1 };
  const escapes: readonly ((name: string) => string)[] = [
    (name) => name,
    (name) => name.replace(/./, (one) => `\\u00${one.charCodeAt(0).toString(16)}`),
  ];
  for (const [name, value] of Object.entries(bad)) {
    for (const [how, escape] of escapes.entries()) {
      const twin = `"${escape(name)}":${JSON.stringify(value)}`;
      const text = JSON.stringify(good);
      yield { what: `${name} twice (${how}), the last bad`, token: signed(workshop, text.replace(/\}$/, `,${twin}}`)) };
      yield { what: `${name} twice (${how}), the last good`, token: signed(workshop, text.replace("{", `{${twin},`)) };
      const many = `${twin},`.repeat(100);
      yield { what: `${name} a hundred times (${how})`, token: signed(workshop, text.replace("{", `{${many}`)) };
    }
  }
}

/** The claims that AWS reads from any issuer, in forms right and wrong. */
export function* awsClaims(workshop: Workshop, role: string): Generator<Forgery> {
  const good = goodClaims(workshop);
  const principal: readonly unknown[] = [
    [{ a: ["1"] }, { a: "1" }, { a: [] }, { a: ["1", "2"] }, { a: [1] }, { a: null }, { a: {} }, { "": ["1"] }],
    [[], "a", { __proto__x: ["1"] }, { "aws:x": ["1"] }, { ["k".repeat(200)]: ["1"] }, { a: ["v".repeat(300)] }],
    [Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`k${at}`, ["1"]]))],
  ].flat();
  for (const tags of principal) {
    for (const keys of [undefined, ["a"], "a", [1], {}]) {
      const claim = { principal_tags: tags, transitive_tag_keys: keys };
      const what = `tags ${JSON.stringify(claim).slice(0, 60)}`;
      yield { what, token: signed(workshop, { ...good, [TAGS]: claim }) };
    }
  }
  for (const value of ["1", ["1"], ["1", "2"], 1, null, {}]) {
    const what = `a flat tag ${JSON.stringify(value)}`;
    yield { what, token: signed(workshop, { ...good, [`${TAGS}/principal_tags/a`]: value }) };
  }
  const roles: readonly unknown[] = [
    role,
    [role],
    `${role};x`,
    `x;${role}`,
    [`${role}2`],
    `${role.slice(0, -1)}*`,
    [role.toUpperCase()],
    [`${role} `],
    "*",
    ["*"],
    ["arn:aws:iam::*:role/*"],
    [],
    "",
    ";",
    [[role]],
    [{ arn: role }],
    { role },
    `${role},${role}`,
    [null],
  ];
  for (const value of roles) {
    const what = `roles ${JSON.stringify(value)}`;
    yield { what, token: signed(workshop, { ...good, [ROLES]: value }) };
  }
  for (const value of ["ann", "a", "a b", "x".repeat(65), "aws:ann", ["ann"], "ann\n"]) {
    const what = `source identity ${JSON.stringify(value).slice(0, 30)}`;
    yield { what, token: signed(workshop, { ...good, [SOURCE_IDENTITY]: value }) };
  }
}
