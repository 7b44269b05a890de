import type { Refusal } from "./refusal.ts";
import type { SamlClaims } from "./saml-assertion.ts";
import {
  BAD_SESSION_NAME,
  BAD_SOURCE_IDENTITY,
  malformedResponse,
  NO_SESSION_NAME,
  OTHER_ROLE,
} from "./sts-saml-answers.ts";
import { readSessionTags, type SessionTags } from "./sts-tags.ts";

/** What an assertion asks of STS, by the attributes that AWS gives a meaning. */
export interface SamlRequest {
  readonly kind: "request";
  readonly sessionName: string;
  readonly sourceIdentity: string | null;
  readonly tags: SessionTags;
  /** The longest session that the identity provider wishes, in seconds; null when it does not say. */
  readonly duration: number | null;
}

// AWS IAM guide, id_roles_providers_create_saml_assertions.
const PREFIX = "https://aws.amazon.com/SAML/Attributes/";
const TAG_PREFIX = `${PREFIX}PrincipalTag:`;

const NAME = /^[a-zA-Z_0-9+=,.@-]{2,64}$/;
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Reads the attributes, or refuses what STS would. What is said of bad tags and durations is not known. */
export function readSamlRequest(
  { attributes }: SamlClaims,
  roleArn: string,
  providerArn: string,
): SamlRequest | Refusal {
  const valuesOf = (name: string): readonly string[] => attributes.get(PREFIX + name) ?? [];
  if (!valuesOf("Role").some((pair) => names(pair, roleArn, providerArn))) return OTHER_ROLE;
  const [sessionName] = valuesOf("RoleSessionName");
  if (sessionName === undefined) return NO_SESSION_NAME;
  if (!NAME.test(sessionName)) return BAD_SESSION_NAME;
  const [sourceIdentity = null] = valuesOf("SourceIdentity");
  if (sourceIdentity !== null && (!NAME.test(sourceIdentity) || /^aws:/i.test(sourceIdentity))) {
    return BAD_SOURCE_IDENTITY;
  }
  const duration = readDuration(valuesOf("SessionDuration"));
  const tags = readTags(attributes, valuesOf("TransitiveTagKeys"));
  if (duration === "malformed" || tags === "malformed") return malformedResponse();
  return tags.kind === "refused" ? tags : { kind: "request", sessionName, sourceIdentity, tags, duration };
}

// Recorded from AWS, 2026-09: the two may stand in either order.
function names(pair: string, roleArn: string, providerArn: string): boolean {
  const [one, other, ...more] = pair.split(",").map((part) => part.trim());
  if (more.length > 0) return false;
  return (one === roleArn && other === providerArn) || (one === providerArn && other === roleArn);
}

function readDuration([text]: readonly string[]): number | null | "malformed" {
  if (text === undefined) return null;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  return seconds >= 900 && seconds <= 43_200 ? seconds : "malformed";
}

function readTags(
  attributes: SamlClaims["attributes"],
  transitive: readonly string[],
): SessionTags | Refusal | "malformed" {
  const given = [...attributes].filter(([name]) => name.startsWith(TAG_PREFIX));
  const tags = given.map(([name, values]) => ({ Key: name.slice(TAG_PREFIX.length), Value: values[0] ?? "", values }));
  const fits = tags.every(
    ({ Key, Value, values }) =>
      values.length === 1 && Key !== "" && Key.length <= 128 && Value.length <= 256 && TAG.test(Key) && TAG.test(Value),
  );
  return fits && tags.length <= 50 ? readSessionTags({ Tags: tags, TransitiveTagKeys: transitive }, null) : "malformed";
}
