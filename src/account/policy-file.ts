import { isRolecallError } from "../core/errors.ts";
import type { Json } from "../core/token.ts";
import { ruleOf } from "./rules.ts";
import { withVersion } from "./rules/role-rules.ts";
import { isMapping } from "./rules/rule.ts";
import { parseYaml } from "./yaml-source.ts";

export type PolicyFile =
  | { readonly kind: "document"; readonly document: Json }
  /** `text` names the file, and line and column in it where there are any. */
  | { readonly kind: "wrong"; readonly text: string; readonly hints: readonly string[] };

/** Reads a policy document that a permission names: JSON, or YAML, of which JSON is a part. */
export function readPolicyFile(path: string, read: ((path: string) => Uint8Array) | undefined): PolicyFile {
  const wrong = (text: string, hints: readonly string[] = []): PolicyFile => ({ kind: "wrong", text, hints });
  if (!read) return wrong(`${path}: expected no file, since this configuration was not read from a folder`);
  try {
    const { value } = parseYaml(new TextDecoder("utf-8", { fatal: true }).decode(read(path)), path);
    const { accepts, expected, hint } = ruleOf("policy-document");
    if (isMapping(value) && accepts(value)) return { kind: "document", document: withVersion(value) };
    const say = isMapping(value) ? hint?.(value) : null;
    return wrong(`${path}: expected ${expected}`, say ? [say] : []);
  } catch (error) {
    if (isRolecallError(error)) return wrong(error.message, error.hints);
    const code = error instanceof Error && "code" in error ? String(error.code) : "not UTF-8";
    return wrong(
      `${path} cannot be read: ${code}`,
      code === "ENOENT" ? ["its path is from the folder of rolecall.yaml"] : [],
    );
  }
}
