export type { Condition, Policy, PolicyReading, Principals, Statement } from "./core/policy.ts";
export { readIdentityPolicy, readPolicy, readTrustPolicy } from "./core/policy.ts";
export type {
  AssumeRequest,
  Check,
  CheckKind,
  Decision,
  Provider,
  Question,
  Role,
  SessionClaims,
  SignatureState,
  StsTexts,
} from "./core/decide.ts";
export { decide } from "./core/decide.ts";
export type { Finding, Proof } from "./core/lint/finding.ts";
export type { Severity } from "./core/lint/severity.ts";
export type { LintOptions, LintReading } from "./core/lint-trust-policy.ts";
export { lintTrustPolicy } from "./core/lint-trust-policy.ts";
export type { Credentials } from "./core/credentials.ts";
export type { ErrorCode } from "./core/errors.ts";
export { ERROR_CODES, isRolecallError, RolecallError } from "./core/errors.ts";
export { Secret } from "./core/secret.ts";
export type { Claims, Json, Token, TokenReading } from "./core/token.ts";
export { parseToken, readToken } from "./core/token.ts";
// How a job finds its token and exchanges it is in cli, which puts ci, wire and credentials together.
export { type CiCredentials, fromCi, type FromCiOptions } from "./cli/from-ci.ts";
