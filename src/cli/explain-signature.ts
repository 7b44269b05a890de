import { readFile } from "node:fs/promises";
import { RolecallError } from "../core/errors.ts";
import type { Json, Token } from "../core/token.ts";
import { signatureByIssuer, signatureByKeys, uncheckedSignature } from "../doctor/signature.ts";
import type { SignatureVerdict } from "../doctor/signature-verdict.ts";
import { parseEndpoint } from "./assume.ts";
import type { ExplainInput } from "./explain-input.ts";
import type { Io } from "./io.ts";
import { askedIssuer } from "./issuer-network.ts";

/** Whether a certificate is a good one doctor tells. */
const UNSEEN = { certificateProblem: () => Promise.resolve(null), chainFindings: () => Promise.resolve([]) };

/** Milliseconds. Somebody waits for the answer; that an issuer is slow doctor tells, which gives it AWS's five seconds. */
const BUDGET = 3000;

/**
 * Checks the token's signature by the keys of `--jwks`, or by those that the issuer publishes.
 *
 * @throws RolecallError `usage`, `config` when the file holds no JSON
 */
export async function readSignature(token: Token, options: ExplainInput, io: Io): Promise<SignatureVerdict> {
  const { as, jwks, offline } = options;
  if (as !== undefined && jwks !== undefined)
    throw new RolecallError("usage", "--jwks: a pretended job (--as) has no signature that keys could fit");
  if (as !== undefined) return uncheckedSignature("a pretended job has none");
  if (jwks !== undefined) return signatureByKeys(token, await readKeys(jwks));
  if (offline) return uncheckedSignature("--offline; --jwks FILE checks it by saved keys");
  const endpoint = options["endpoint-url"] ?? io.env["AWS_ENDPOINT_URL"];
  const local = endpoint ? parseEndpoint(endpoint, "--endpoint-url") : null;
  const { network, ...asked } = await askedIssuer(local, token, io.env);
  return signatureByIssuer(token, { ...asked, network: { ...network, ...UNSEEN }, budget: BUDGET });
}

async function readKeys(path: string): Promise<Json> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new RolecallError("config", `--jwks: ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new RolecallError("config", `--jwks: ${path} is not JSON: expected what the issuer's jwks_uri answers`);
  }
}
