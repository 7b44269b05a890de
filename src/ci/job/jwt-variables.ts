import { readToken, type Token } from "../../core/token.ts";
import type { Env } from "../ci.ts";

/** Every variable that holds a JWT; people choose its name where the CI lets them. */
export function jwtVariables(env: Env): readonly { readonly name: string; readonly token: Token }[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const token = readVariable(value);
    return token ? [{ name, token }] : [];
  });
}

/** A variable's value as a token; null when it is none. */
export function readVariable(value: string | undefined): Token | null {
  const text = value?.trim() ?? "";
  const reading = text.startsWith("eyJ") ? readToken(text) : null;
  return reading?.kind === "token" ? reading.token : null;
}
