import { CIS, findCi } from "../ci/index.ts";
import type { Ci } from "../ci/ci.ts";
import { RolecallError } from "../core/errors.ts";
import { isObject, type Json } from "../core/token.ts";

/** A job that does not exist and whose ID token is wanted. */
export interface MintRequest {
  /** `gitlab`. */
  readonly ci: string;
  readonly project: string;
  readonly audience: string | readonly string[];
  readonly branch?: string;
  readonly tag?: string;
  readonly environment?: string;
  /** Of a self-managed instance; the vendor's own when left out. */
  readonly issuer?: string;
  /** Seconds of life; what the CI gives when left out. May be negative: such a token has expired. */
  readonly expiresIn?: number;
  /** Laid over the job's own claims; null takes a claim away. */
  readonly claims?: { readonly [claim: string]: Json };
}

const FIELDS = ["ci", "project", "audience", "branch", "tag", "environment", "issuer", "expires_in", "claims"];

/**
 * Reads the body of `POST /_rolecall/mint`.
 *
 * @throws RolecallError `usage` that names the field
 */
export function parseMintRequest(body: Json): MintRequest {
  if (!isObject(body)) throw wrong("the body", "a JSON object", body);
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new RolecallError("usage", `there is no field ${unknown}; expected ${FIELDS.join(", ")}`);
  const { audience, expires_in: expiresIn, claims } = body;
  if (expiresIn !== undefined && typeof expiresIn !== "number")
    throw wrong("expires_in", "a number of seconds", expiresIn);
  if (claims !== undefined && !isObject(claims)) throw wrong("claims", "an object", claims);
  return {
    ci: textField(body, "ci") ?? fail("ci", "the name of a CI"),
    project: textField(body, "project") ?? fail("project", "a project"),
    audience: readAudience(audience),
    ...present("branch", textField(body, "branch")),
    ...present("tag", textField(body, "tag")),
    ...present("environment", textField(body, "environment")),
    ...present("issuer", textField(body, "issuer")),
    ...(expiresIn === undefined ? {} : { expiresIn }),
    ...(claims === undefined ? {} : { claims }),
  };
}

function present<Name extends string>(name: Name, value: string | undefined): { readonly [key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: string });
}

function textField(body: { readonly [name: string]: Json }, name: string): string | undefined {
  const value = body[name];
  if (value !== undefined && typeof value !== "string") throw wrong(name, "text", value);
  return value;
}

function readAudience(value: Json | undefined): string | readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value ?? fail("audience", "text, or a list of texts")];
  const texts = list.map((one) => (typeof one === "string" ? one : fail("audience", "text, or a list of texts")));
  return Array.isArray(value) ? texts : (texts[0] ?? "");
}

function fail(name: string, wanted: string): never {
  throw wrong(name, wanted, undefined);
}

function wrong(name: string, wanted: string, got: Json | undefined): RolecallError {
  return new RolecallError(
    "usage",
    `${name}: expected ${wanted}, got ${got === undefined ? "nothing" : JSON.stringify(got)}`,
  );
}

/** The CI of a mint request. */
export function ciOf(request: MintRequest): Ci {
  const ci = findCi(request.ci);
  if (ci) return ci;
  throw new RolecallError(
    "usage",
    `there is no CI ${JSON.stringify(request.ci)}; expected ${CIS.map(({ id }) => id).join(", ")}`,
  );
}
