import type { Finding } from "../core/lint/finding.ts";

/** The proof in one line, for reports that have no room for a token. */
export function proofText({ proof }: Finding): string {
  switch (proof.kind) {
    case "accepted": {
      const asked = proof.duration === undefined ? "" : ` for ${proof.duration} seconds`;
      const assumed = proof.assumed === undefined ? "" : `, if ${proof.assumed}`;
      return `accepted${asked}: ${claimsText(proof.claims)}${assumed}`;
    }
    case "never": {
      const { subject, wanted, got, note } = proof.check;
      return `refused: ${claimsText(proof.claims)}; ${subject} wanted ${wanted}, got ${got}${note === undefined ? "" : ` (${note})`}`;
    }
    case "permitted":
      return `permitted: ${proof.action} on ${proof.resource}`;
    case "assumable":
      return `sts:AssumeRole allowed for ${proof.principal}`;
    case "unsaved":
      return `IAM: ${proof.message}`;
    case "observed":
      break;
  }
  return proof.text;
}

const SHOWN = ["sub", "aud"];

function claimsText(claims: { readonly [claim: string]: unknown }): string {
  return SHOWN.filter((name) => claims[name] !== undefined)
    .map((name) => `${name}=${JSON.stringify(claims[name])}`)
    .join(" ");
}
