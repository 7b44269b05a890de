import type { Files } from "./migration.ts";

/** A place where a static key is, or is handed on. Values are never part of it. */
export interface KeyFinding {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly kind: "key id" | "secret" | "name" | "setting";
  /** What is shown of it: `AKIA…`, `AWS_ACCESS_KEY_ID`. */
  readonly shown: string;
  /** Of git's history: the commit that has it, shortened. */
  readonly commit?: string;
}

// Sources: gitleaks, rule aws-access-token (values that end in EXAMPLE are AWS's own examples); the variables are those
// of the AWS CLI, the settings those of its files and of Terraform's provider.
const KEY_ID = /(?<![A-Z0-9])((?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA))[A-Z2-7]{16}(?![A-Z0-9])/g;
const NAME = /\b(AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)\b/g;
const SECRET = /(?:aws.{0,20}secret|secret.{0,20}key)[^\n]{0,20}?[=:"'\s][A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/gi;
const SETTING = /^\s*"?(aws_access_key_id|aws_secret_access_key|access_key|secret_key)"?\s*[=:]\s*\S/gm;

/** Finds keys and what hands them on in texts, line by line. */
export function findKeys(files: Files): readonly KeyFinding[] {
  // The shim sets keys, those of sessions.
  const own = "# rolecall.sh: temporary AWS credentials";
  return [...files]
    .filter(([, text]) => !text.includes(own))
    .flatMap(([path, text]) => text.split("\n").flatMap((line, index) => findIn(line, path, index + 1)));
}

function findIn(line: string, path: string, number: number): readonly KeyFinding[] {
  // A name in a comment hands nothing on; a key in one is out all the same.
  const code = /^\s*(?:#|\/\/)/.test(line) ? "" : line;
  const at = { path, line: number };
  const ids = [...line.matchAll(KEY_ID)]
    .filter(([whole]) => !whole.endsWith("EXAMPLE"))
    .map(([, prefix = ""]): KeyFinding => ({ ...at, kind: "key id", shown: `${prefix}…` }));
  const secrets = [...line.matchAll(SECRET)].map((): KeyFinding => ({
    ...at,
    kind: "secret",
    shown: "a secret access key",
  }));
  const names = [...new Set([...code.matchAll(NAME)].map(([, name = ""]) => name))].map((name): KeyFinding => ({
    ...at,
    kind: "name",
    shown: name,
  }));
  const settings = [...code.matchAll(SETTING)]
    .filter(([whole]) => isInfrastructure(path, whole))
    .map(([, name = ""]): KeyFinding => ({ ...at, kind: "setting", shown: name }));
  return [...ids, ...secrets, ...names, ...settings];
}

/** `access_key = …` means AWS in Terraform alone; `aws_access_key_id` does everywhere. */
function isInfrastructure(path: string, whole: string): boolean {
  return whole.includes("aws_") || /\.(?:tf|tfvars|tf\.json)$/.test(path);
}

/** Whether a file is one of those that keys are usually in, by its path below the project. */
export function isSearched(path: string): boolean {
  const name = path.split("/").at(-1) ?? "";
  return (
    SEARCHED_NAMES.test(name) ||
    /^\.(?:github|gitlab|circleci|buildkite|forgejo)\//.test(path) ||
    /(?:^|\/)\.aws\/(?:credentials|config)$/.test(path)
  );
}

const SEARCHED_NAMES =
  /^(?:\.gitlab-ci\.ya?ml|.*gitlab-ci.*\.ya?ml|bitbucket-pipelines\.yml|azure-pipelines.*\.ya?ml|Jenkinsfile.*|\.env(?:\..+)?|.*\.env|.*\.(?:tf|tfvars|tf\.json)|Dockerfile.*|.*\.dockerfile|(?:docker-)?compose.*\.ya?ml|serverless\.ya?ml|samconfig\.toml|buildspec.*\.ya?ml|\.travis\.yml|\.drone\.yml|Makefile|.*\.sh|credentials)$/i;

/** What `git log -p` prints, as findings: added lines alone, each value once. */
export class HistoryReader {
  readonly #seen = new Set<string>();
  #commit = "";
  #path = "";
  #line = 0;

  /** Reads one line of the log. */
  read(line: string): readonly KeyFinding[] {
    if (line.startsWith("commit ")) this.#commit = line.slice(7, 17);
    else if (line.startsWith("+++ ")) this.#path = line.slice(6);
    else if (line.startsWith("@@")) this.#line = Number(/\+(\d+)/.exec(line)?.[1] ?? 1) - 1;
    else if (line.startsWith("+") || line.startsWith(" ")) {
      this.#line++;
      if (line.startsWith("+")) return this.#found(line.slice(1));
    }
    return [];
  }

  #found(text: string): readonly KeyFinding[] {
    const values = [...text.matchAll(KEY_ID), ...text.matchAll(SECRET)].map(([whole]) => whole);
    if (values.every((value) => this.#seen.has(value))) return [];
    for (const value of values) this.#seen.add(value);
    return findIn(text, this.#path, this.#line)
      .filter(({ kind }) => kind === "key id" || kind === "secret")
      .map((finding) => ({ ...finding, commit: this.#commit }));
  }
}
