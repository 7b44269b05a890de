// Tests against a local AWS (LocalStack, moto) want keys, and take any word: `AWS_ACCESS_KEY_ID: test`.
const WORD = String.raw`(?!A(?:KIA|SIA)[A-Z2-7]{16}|AWS_)[A-Za-z0-9_.-]{1,30}`;
const WHOLE = new RegExp(`^${WORD}$`);
const SET = new RegExp(
  String.raw`(?:(?:\b|\\n)(?:AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|aws_access_key_id|aws_secret_access_key)\s*[=:]\s*|configure set (?:default\.)?aws_(?:access_key_id|secret_access_key|session_token) )(["']?)${WORD}\1(?=[\s;&|"'\\]|$)`,
  "g",
);

/** Whether a variable's value is a word that stands in for a key: no reference to one, and not of a key's form. */
export function isStandIn(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && (value === "" || WHOLE.test(value)));
}

/** A text without the places that set a key to such a word. */
export function withoutStandIns(text: string): string {
  return text.replaceAll(SET, "");
}
