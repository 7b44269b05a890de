import type { Json, Token } from "../core/token.ts";
import { checkIssuer, checkKeys, type IssuerCheck, type IssuerQuestion } from "./check-issuer.ts";
import type { SignatureVerdict } from "./signature-verdict.ts";

/** @param says why */
export function uncheckedSignature(says: string): SignatureVerdict {
  return { state: "unchecked", says };
}

/** By the keys that the issuer publishes. What cannot be had from here AWS may still have: it is then not checked. */
export async function signatureByIssuer(token: Token, question: IssuerQuestion): Promise<SignatureVerdict> {
  return verdictOf(await checkIssuer(token, question));
}

/** By a JWKS document that somebody saved. */
export function signatureByKeys(token: Token, document: Json): SignatureVerdict {
  return verdictOf(checkKeys(document, token));
}

function verdictOf({ findings, signature: state }: IssuerCheck): SignatureVerdict {
  const wrong = findings.find((one) => one.state === "bad");
  const said = (wrong ?? findings.at(-1))?.says ?? "";
  if (state === "valid" || state === "unchecked") return { state, says: said };
  const { failure, fix } = wrong ?? {};
  return {
    state,
    says: said,
    ...(failure === undefined ? {} : { failure }),
    ...(fix === undefined ? {} : { fix }),
  };
}
