import { readToken, type Token } from "../../core/token.ts";
import type { Env, TokenSearch } from "../ci.ts";

interface HeldToken {
  /** Of the variable. */
  readonly name: string;
  readonly token: Token;
}

/** Every variable that holds a JWT; people choose its name where the CI lets them. */
export function jwtVariables(env: Env, names: readonly string[] = Object.keys(env)): readonly HeldToken[] {
  return names.flatMap((name) => {
    const token = readVariable(env[name]);
    return token ? [{ name, token }] : [];
  });
}

/** A variable's value as a token; null when it is none. */
export function readVariable(value: string | undefined): Token | null {
  const text = value?.trim() ?? "";
  const reading = text.startsWith("eyJ") ? readToken(text) : null;
  return reading?.kind === "token" ? reading.token : null;
}

/** Jobs copy their token into the variable that another tool wants: that is still one token. */
export function candidatesOf(found: readonly HeldToken[]): TokenSearch["candidates"] {
  return found
    .filter(({ token }, at) => found.findIndex((one) => one.token.raw.reveal() === token.raw.reveal()) === at)
    .map(({ name, token }) => ({ source: { kind: "env", name }, token }));
}

/** The tokens of a CI that names its variables itself. */
export function namedTokens(env: Env, ...names: readonly string[]): TokenSearch {
  const candidates = candidatesOf(jwtVariables(env, names));
  const rejected = names.map((name) => ({ name, reason: env[name] ? "it is not a JWT" : "it is not set" }));
  return { candidates, ask: null, rejected: candidates.length > 0 ? [] : rejected };
}
