import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { isRolecallError } from "../../../src/core/errors.ts";
import { audiencesOf, parseToken, readToken, showClaim, timeClaim } from "../../../src/core/token.ts";
import { claims, jwt, SUBJECT } from "./example.ts";

const base64url = (text: string): string => Buffer.from(text).toString("base64url");
const HEADER = base64url('{"alg":"RS256"}');
const CLAIMS = base64url("{}");

function hintsFor(text: string): string {
  try {
    parseToken(text, "OIDC_TOKEN");
  } catch (error) {
    if (isRolecallError(error)) return error.hints.join("\n");
  }
  throw new Error("expected a RolecallError");
}

describe("a JWT", () => {
  it("is decoded, header and claims, and keeps its text to itself", () => {
    const text = jwt(claims(), { alg: "ES256", kid: "7", typ: "JWT" });
    const token = parseToken(text, "OIDC_TOKEN");
    expect(token.header).toEqual({ alg: "ES256", kid: "7", typ: "JWT" });
    expect(token.claims).toEqual(claims());
    expect(token.raw.reveal()).toBe(text);
    expect(inspect(token, { depth: 9 })).not.toContain(text);
  });

  it("may hold any letter there is", () => {
    const reading = readToken(jwt({ sub: "프로젝트/✓/😀" }));
    expect(reading).toMatchObject({ kind: "token", token: { claims: { sub: "프로젝트/✓/😀" } } });
  });

  it("without a signature is one all the same; STS will refuse it", () => {
    expect(readToken(`${base64url('{"alg":"none"}')}.${CLAIMS}.`)).toMatchObject({
      token: { header: { alg: "none" } },
    });
  });

  it("without a kid has none", () => {
    expect(readToken(`${HEADER}.${CLAIMS}.c2ln`)).toMatchObject({ token: { header: { alg: "RS256" } } });
  });

  it("with a claim twice has the last one, like AWS", () => {
    const twice = `${HEADER}.${base64url('{"sub":"a","sub":"b"}')}.c2ln`;
    expect(readToken(twice)).toMatchObject({ token: { claims: { sub: "b" } } });
  });

  it("with a claim named like what every object has is harmless", () => {
    const odd = `${HEADER}.${base64url('{"__proto__":{"sub":"x"},"constructor":"y"}')}.c2ln`;
    const reading = readToken(odd);
    expect(reading.kind === "token" && reading.token.claims["sub"]).toBeUndefined();
    expect(reading.kind === "token" && reading.token.claims["constructor"]).toBe("y");
  });

  it.each([
    ["", "expected three parts between dots, got 1"],
    ["a.b", "expected three parts between dots, got 2"],
    [`${HEADER}.${CLAIMS}.c2ln.x.y`, "expected three parts between dots, got 5"],
    [`${jwt({})}\n`, "the third part is not base64url"],
    [` ${jwt({})}`, "the first part is not a base64url-encoded JSON object"],
    [`"${jwt({})}"`, "the first part is not a base64url-encoded JSON object"],
    [`${base64url("no JSON")}.${CLAIMS}.c2ln`, "the first part is not a base64url-encoded JSON object"],
    [`${base64url("[1]")}.${CLAIMS}.c2ln`, "the first part is not a base64url-encoded JSON object"],
    [`${HEADER}=.${CLAIMS}.c2ln`, "the first part is not a base64url-encoded JSON object"],
    [`${HEADER}.${base64url("null")}.c2ln`, "the second part is not a base64url-encoded JSON object"],
    [`${HEADER}.${base64url('"text"')}.c2ln`, "the second part is not a base64url-encoded JSON object"],
    [`${HEADER}.e30+.c2ln`, "the second part is not a base64url-encoded JSON object"],
    [`${HEADER}.${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.c2ln`, "the second part is not a base64url"],
    [`${HEADER}.${CLAIMS}.c2l/`, "the third part is not base64url"],
    [`${HEADER}.${CLAIMS}.c2lna`, "the third part is not base64url"],
    [`${base64url("{}")}.${CLAIMS}.c2ln`, "the header names no algorithm (alg)"],
    [`${base64url('{"alg":5}')}.${CLAIMS}.c2ln`, "the header names no algorithm (alg)"],
    [`${base64url('{"alg":"RS256","kid":5}')}.${CLAIMS}.c2ln`, "the header's key id (kid) is not text"],
  ])("is not %j", (text, reason) => {
    const reading = readToken(text);
    expect(reading.kind === "unreadable" && reading.reason).toContain(reason);
    expect(() => parseToken(text, "OIDC_TOKEN")).toThrowWithCode("config", "OIDC_TOKEN does not hold a JWT: ");
  });

  it.each([
    ["", "is the variable set in this job"],
    ["glcbt-64_abc", "CI_JOB_TOKEN"],
    ["glpat-abc", "an access token"],
    ["./token.jwt", "--token-file"],
    ["/run/secrets/token", "--token-file"],
    [`"${jwt({})}"`, "remove the quotes"],
    ["nonsense", "three base64url parts"],
  ])("that is %j gets the hint: %s", (text, hint) => {
    expect(hintsFor(text)).toContain(hint);
  });

  it("that is none is never in the message", () => {
    const secret = `${HEADER}.${base64url('{"sub":"x"')}.c2lnbmF0dXJl`;
    try {
      parseToken(secret, "OIDC_TOKEN");
    } catch (error) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/c2lnbmF0dXJl|eyJhbGci/);
    }
    expect.assertions(1);
  });
});

describe("claims", () => {
  it.each([
    [{ aud: "a" }, ["a"]],
    [{ aud: ["a", "b"] }, ["a", "b"]],
    [{ aud: ["a", 5, null] }, ["a"]],
    [{ aud: 5 }, []],
    [{}, []],
  ])("have the audiences: %j, %j", (held, audiences) => {
    expect(audiencesOf(held)).toEqual(audiences);
  });

  it.each([
    [1_789_123_698, 1_789_123_698],
    ["1789123698", 1_789_123_698],
    [0, 0],
    [-5, -5],
    [1.5, null],
    ["1.5", null],
    ["", null],
    [" 5", null],
    ["9".repeat(16), null],
    [1e300, null],
    [null, null],
    [true, null],
    [undefined, null],
  ])("have times in whole seconds: %j, %j", (value, seconds) => {
    expect(timeClaim(value)).toBe(seconds);
  });

  it("are shown as text, and everything else as JSON", () => {
    expect(showClaim(claims(), "sub")).toBe(SUBJECT);
    expect(showClaim({ list: ["a"] }, "list")).toBe('["a"]');
    expect(showClaim({}, "list")).toBe("");
  });
});
