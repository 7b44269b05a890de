import { findCi } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import { parseConfig, type RoleConfig } from "./config.ts";

/** What a first rolecall.yaml is made of. */
export interface FirstConfig {
  readonly ci: string;
  /** Null where it is the vendor's own. */
  readonly issuer: string | null;
  readonly role: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** A file's text, and the role that it describes. */
export interface FirstFile {
  readonly text: string;
  readonly role: RoleConfig;
}

const SCHEMA = "https://unpkg.com/rolecall/schema.json";

/**
 * The text of a first rolecall.yaml, with comments for those who never saw one.
 *
 * @param file its name, for messages
 * @throws RolecallError `config`, as `parseConfig`, when what it is made of does not fit together
 */
export function firstConfig({ ci, issuer, role, entry }: FirstConfig, file: string): FirstFile {
  const pairs = Object.entries(entry).map(([key, value]) => `${key}: ${plain(value)}`);
  const lines = (audience: string): string =>
    [
      `# yaml-language-server: $schema=${SCHEMA}`,
      `# Which jobs of ${findCi(ci)?.name ?? ci} may take which AWS role. rolecall plan shows what comes of it.`,
      "version: 1",
      "roles:",
      `  ${plain(role)}:`,
      `    ci: ${ci}`,
      ...(issuer === null ? [] : [`    issuer: ${plain(issuer)}`]),
      ...(audience === "" ? [] : [`    audience: ${plain(audience)} # the job asks for a token for it`]),
      "    allow: # jobs of these get the role, and nobody else does",
      `      - { ${pairs.join(", ")} }`,
      "    permissions: # what the role may do",
      "      - { preset: read-only }",
      "    session: 15m",
      "",
    ].join("\n");
  const [draft] = parseConfig(lines(""), file).roles;
  const text = lines(draft?.audience ?? "");
  const [made] = parseConfig(text, file).roles;
  if (!made) throw new RolecallError("unexpected", "a file with one role has none");
  return { text, role: made };
}

/** A value that YAML reads back as itself; quotes only where they are needed. */
function plain(value: unknown): string {
  const text = String(value);
  if (typeof value !== "string") return text;
  const isPlain = /^[A-Za-z][\w./@+=-]*(?:[:#][\w./@+=-]+)*$/.test(text) && !/^(?:true|false|null)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
