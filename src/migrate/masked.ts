const KEY_ID = /\b(A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9]))[A-Z2-7]{16}\b/g;
const NAMED =
  /((?:secret_?access_?key|session_?token|secret_?key)["']?\s*(?:[:=]\s*|\s))(["']?)(?![$<{])[A-Za-z0-9/+=]{20,}/gi;
// A secret key has letters of both kinds and digits; a commit's hash has no capitals.
const SECRET = /(?<![A-Za-z0-9/+=])(?=[^\s]*[A-Z])(?=[^\s]*[a-z])(?=[^\s]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;

/** A text, such as a patch, with keys cut to their kind (`AKIA…`) and secret keys gone. */
export function hideKeys(text: string): string {
  return text.replaceAll(KEY_ID, "$1…").replaceAll(NAMED, "$1$2…").replaceAll(SECRET, "…");
}

/** The same for a message: short as well. */
export function masked(text: string): string {
  const safe = hideKeys(text);
  return safe.length > 100 ? `${safe.slice(0, 99)}…` : safe;
}
