/** A call that is answered with an error, in AWS's words. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** A few AWS errors have none. */
  readonly message: string | null;
}

export function refuse(status: number, code: string, message: string | null): Refusal {
  return { kind: "refused", code, status, message };
}

// The status of each IAM error. Source: IAM API model, botocore 1.43.11.
const STATUS = {
  AccessDenied: 403,
  DeleteConflict: 409,
  DuplicateCertificate: 409,
  DuplicateSSHPublicKey: 400,
  EntityAlreadyExists: 409,
  FeatureDisabled: 404,
  FeatureEnabled: 409,
  InvalidAuthenticationCode: 403,
  InvalidInput: 400,
  InvalidPublicKey: 400,
  InvalidUserType: 400,
  KeyPairMismatch: 400,
  LimitExceeded: 409,
  MalformedCertificate: 400,
  MalformedPolicyDocument: 400,
  NoSuchEntity: 404,
  PasswordPolicyViolation: 400,
  PolicyNotAttachable: 400,
  UnmodifiableEntity: 400,
  UnrecognizedPublicKeyEncoding: 400,
  ValidationError: 400,
} as const;

export type IamErrorCode = keyof typeof STATUS;

export function iamError(code: IamErrorCode, message: string): Refusal {
  return refuse(STATUS[code], code, message);
}
