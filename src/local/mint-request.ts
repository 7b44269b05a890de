import { CIS, findCi } from "../ci/index.ts";
import type { Ci } from "../ci/ci.ts";
import { RolecallError } from "../core/errors.ts";
import { type Claims, isObject, type Json } from "../core/token.ts";

/** A job that does not exist and whose ID token is wanted. */
export interface MintRequest {
  /** `gitlab`. */
  readonly ci: string;
  readonly project: string;
  /** What the CI gives a job that asks for none, when left out; gitlab, jenkins and custom give none. */
  readonly audience?: string | readonly string[];
  readonly branch?: string;
  readonly tag?: string;
  readonly environment?: string;
  /** What started the job, in the CI's own word: `pull_request`. */
  readonly event?: string;
  /** GitHub: a subject with the ids of owner and repository. */
  readonly immutable?: boolean;
  /** Of a self-managed instance; the vendor's own when left out. */
  readonly issuer?: string;
  /** Seconds of life; what the CI gives when left out. May be negative: such a token has expired. */
  readonly expiresIn?: number;
  /** Laid over the job's own claims; null takes a claim away. */
  readonly claims?: { readonly [claim: string]: Json };
  /** What the job gave its CI's own command: `{ "subject-claim": "pipeline_id" }` for buildkite-agent. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** The ID token of a job that does not exist, and what it says. */
export interface Minted {
  /** The JWT, signed by the issuer's key. */
  readonly token: string;
  readonly claims: Claims;
}

const TEXTS = ["branch", "tag", "environment", "event", "issuer"] as const;
const FIELDS = ["ci", "project", "audience", ...TEXTS, "immutable", "expires_in", "claims", "flags"];

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
  const { audience, immutable, expires_in: expiresIn, claims, flags } = body;
  if (expiresIn !== undefined && typeof expiresIn !== "number")
    throw wrong("expires_in", "a number of seconds", expiresIn);
  if (immutable !== undefined && typeof immutable !== "boolean") throw wrong("immutable", "true or false", immutable);
  if (claims !== undefined && !isObject(claims)) throw wrong("claims", "an object", claims);
  const request: MintRequest = {
    ci: textField(body, "ci") ?? fail("ci", "the name of a CI"),
    project: textField(body, "project") ?? fail("project", "a project"),
    ...(audience === undefined ? {} : { audience: readAudience(audience) }),
    ...textFields(body),
    ...(immutable === undefined ? {} : { immutable }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
    ...(claims === undefined ? {} : { claims }),
    ...(flags === undefined ? {} : { flags: readFlags(flags) }),
  };
  if (audience === undefined && ciOf(request).defaultAudience(request) === null)
    throw wrong("audience", "text, or a list of texts", undefined);
  return request;
}

function textFields(body: { readonly [name: string]: Json }): Partial<Pick<MintRequest, (typeof TEXTS)[number]>> {
  const fields = TEXTS.map((name) => [name, textField(body, name)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function readFlags(value: Json): Readonly<Record<string, string>> {
  const entries = Object.entries(isObject(value) ? value : fail("flags", "an object of texts"));
  return Object.fromEntries(
    entries.map(([name, flag]) => [name, typeof flag === "string" ? flag : fail("flags", "an object of texts")]),
  );
}

function textField(body: { readonly [name: string]: Json }, name: string): string | undefined {
  const value = body[name];
  if (value !== undefined && typeof value !== "string") throw wrong(name, "text", value);
  return value;
}

function readAudience(value: Json): string | readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
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
