import { describe, expect, it, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { applyEdits, renderPatch } from "../../../src/migrate/edit.ts";
import { MIGRATIONS } from "../../../src/migrate/index.ts";
import type { Files, Migration, Setup } from "../../../src/migrate/migration.ts";
import { type Case, goodCases, patchOf, refusedCases } from "./corpus.ts";

const ROLE = "arn:aws:iam::123456789012:role/shop-deploy";
const SETUP: Setup = { role: ROLE, audience: null, jobs: [] };
const KEYS = /AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|aws[-_]access[-_]key[-_]id|CI_JOB_JWT/;

/** As the command does: what the file says of the audience comes first. */
function migrate({ ci, files }: Case, from: Files = files): Migration {
  const run = MIGRATIONS[ci];
  if (!run) throw new Error(`no migration for ${ci}`);
  const first = run(from, SETUP);
  const isOpen = first.refusals.some(({ reason }) => reason.startsWith("no audience"));
  return isOpen ? run(from, { ...SETUP, audience: "https://shop.test" }) : first;
}

function written({ files }: Case, migration: Migration): Files {
  const changed = migration.files.map(({ path, text, edits }) => [path, applyEdits(text, edits)] as const);
  return new Map([...files, ...changed]);
}

/** What a parser that knows nothing of us reads, as lines `path = value`. */
function meaning(text: string): readonly string[] {
  const lines: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) value.forEach((one) => walk(one, `${path}[]`));
    else if (typeof value === "object" && value !== null)
      for (const [key, one] of Object.entries(value)) walk(one, `${path}/${key}`);
    // GitLab takes a script of one line for a list of one.
    else if (path.endsWith("script")) lines.push(`${path}[] = ${String(value)}`);
    else for (const line of String(value).trimEnd().split("\n")) lines.push(`${path} = ${line}`);
  };
  const documents = parseAllDocuments(text, { merge: true, logLevel: "silent" });
  for (const document of Array.isArray(documents) ? documents : []) walk(document.toJS() as unknown, "");
  return lines;
}

/** Lines of the first that the second has not, as often. */
function minus(left: readonly string[], right: readonly string[]): readonly string[] {
  const rest = [...right];
  return left.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

const NEW =
  /rolecall|id_tokens\/|\/aud = |\/permissions\/(?:id-token|contents|packages) = |role-to-assume|role_arn|AWS_OIDC_ROLE_ARN|AWS credentials by OIDC|\/oidc = true|aws\/install|run\/when = always/;
const GONE =
  /AWS_|aws[-_](?:access|secret)|configure set|assume-role|web[-_]identity|\.aws|_TOKEN|CI_JOB_JWT|STS\[|\/tmp\/|\/secrets\/.*required|steps\[\]\/run = |(?:aws-cli|aws)\/setup|serverless config credentials/;

describe("the corpus", () => {
  test("holds at least sixty CI files that are moved, and twenty that are refused", () => {
    expect(goodCases().flatMap(({ files }) => [...files]).length).toBeGreaterThanOrEqual(60);
    expect(refusedCases().length).toBeGreaterThanOrEqual(20);
  });
});

describe.each(goodCases().map((one) => [one.name, one] as const))("%s", (name, project) => {
  const migration = migrate(project);
  const after = written(project, migration);

  it("is moved as its patch says", () => {
    expect(migration.refusals).toEqual([]);
    expect(migration.jobs).not.toEqual([]);
    expect(migration.files.map(renderPatch).join("")).toBe(patchOf(name));
  });

  it("has no key and no old token any more", () => {
    // A word that stands in for a key is none.
    const codes = [...after.values()].map((text) => {
      const code = text.replaceAll(/#.*$|^.*vault write.*$|^.*KEY(?:_ID)?: test$/gm, "");
      // A token of the job's own may have the old one's name.
      return /^ +CI_JOB_JWT:/m.test(code) ? code.replaceAll("CI_JOB_JWT", "") : code;
    });
    expect(codes.filter((text) => KEYS.test(text))).toEqual([]);
  });

  it("means what it meant, but for keys that went and tokens that came", () => {
    for (const { path, text } of migration.files) {
      const [before, now] = [meaning(text), meaning(after.get(path) ?? "")];
      expect(minus(now, before).filter((line) => !NEW.test(line))).toEqual([]);
      expect(minus(before, now).filter((line) => !GONE.test(line))).toEqual([]);
    }
  });

  it("keeps every other line byte for byte, in its order", () => {
    for (const { path, text, edits } of migration.files) {
      const patch = renderPatch({ path, text, edits });
      const [removed, added] = ["-", "+"].map((sign) => changedLines(patch, sign));
      const kept = without(text, removed ?? []);
      expect(without(after.get(path) ?? "", added ?? [])).toEqual(kept);
      expect(kept.join("")).not.toBe("");
    }
  });

  it("keeps its line ends", () => {
    for (const { path, text } of migration.files) {
      const now = after.get(path) ?? "";
      expect(/(?<!\r)\n/.test(now)).toBe(/(?<!\r)\n/.test(text));
      expect(now.endsWith("\n")).toBe(text.endsWith("\n"));
    }
  });

  it("is not changed a second time", () => {
    expect(migrate(project, after)).toMatchObject({ files: [], refusals: [] });
  });
});

function changedLines(patch: string, sign: string): readonly string[] {
  const lines = patch.split("\n").slice(2);
  return lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
}

/** The lines of a text without the given ones, each taken out once, in their order. */
function without(text: string, gone: readonly string[]): readonly string[] {
  const wanted = [...gone];
  return text.split("\n").filter((line) => {
    if (line !== wanted[0]) return true;
    wanted.shift();
    return false;
  });
}

const REASONS: Readonly<Record<string, RegExp>> = {
  "bitbucket-oidc-false": /says oidc: false/,
  "bitbucket-other-pipe": /acme\/deploy:1\.0\.0 takes keys alone/,
  "circleci-ecr-parameters": /aws-access-key-id is used here/,
  "circleci-keys-in-run": /does something else too/,
  "github-container": /container has no Node\.js/,
  "github-default-token": /GITHUB_TOKEN and names no permissions/,
  "github-docker-env": /AWS_ACCESS_KEY_ID is used here/,
  "github-flow-with": /written with braces/,
  "github-read-all": /read-all: name them one by one/,
  "github-third-party": /AWS_ACCESS_KEY_ID is used here/,
  "gitlab-block-script": /one text of several lines/,
  "gitlab-chain": /second role by aws sts assume-role/,
  "gitlab-default-tokens-lost": /keys of the job beside its script would change/,
  "gitlab-docker-run": /cannot be rewritten: docker run/,
  "gitlab-duplicate-key": /Map keys must be unique/,
  "gitlab-heredoc": /cannot be rewritten: cat > ~\/\.aws\/credentials/,
  "gitlab-in-if": /does something else too/,
  "bitbucket-two-keys": /other keys than dev/,
  "circleci-old-orb": /aws-cli@2\.1 takes no role by an ID token/,
  "circleci-two-keys": /other keys than staging/,
  "github-keys-in-one-line": /on a line that does something else too/,
  "github-old-configure": /v1\.5\.11 takes no ID token/,
  "github-s3-sync": /takes long-lived keys alone/,
  "github-secret-by-matrix": /chosen while it runs/,
  "github-two-secrets": /other keys than staging/,
  "gitlab-jwt-in-script": /cannot be rewritten: \.\/login\.sh/,
  "gitlab-no-checkout": /has no checkout/,
  "gitlab-keys-unused": /name the jobs with --job/,
  "github-keys-unused": /no job of the workflow calls AWS/,
  "gitlab-keys-for-a-script": /name the jobs with --job/,
  "github-anchored-env": /new file could not be read/,
  "circleci-no-checkout": /no checkout before it/,
  "bitbucket-no-clone": /has no clone/,
  "gitlab-matrix-keys": /AWS_ACCESS_KEY_ID is used here/,
  "gitlab-missing-reference": /\.nowhere, script\] is in no file/,
  "gitlab-mixed-line": /does something else too/,
  "gitlab-named-profile": /--profile prod/,
  "gitlab-several-audiences": /several audiences/,
  "gitlab-trigger-keys": /AWS_ACCESS_KEY_ID is used here/,
  "gitlab-two-keys": /other keys than dev/,
  "gitlab-two-roles": /takes two roles/,
  "gitlab-unknown-template": /extends \.aws-base, which is in no file/,
};

describe.each(refusedCases().map((one) => [one.name, one] as const))("%s", (name, project) => {
  const migration = migrate(project);

  it("is refused, with the reason and its line", () => {
    const reasons = migration.refusals.map(({ line, reason }) => ({ line, reason }));
    expect(reasons.map(({ reason }) => reason).join("\n")).toMatch(REASONS[name] ?? /^no reason is listed$/);
    const [text = ""] = project.files.values();
    for (const { line } of reasons) expect(line).toBeLessThanOrEqual(text.split("\n").length);
  });

  it("comes with a patch that shows what to do by hand", () => {
    const patch = (migration.suggestions ?? []).map(renderPatch).join("");
    expect(patch).toMatch(/^\+\s*# .*rolecall/m);
    expect(patch).not.toMatch(/^-(?!--)/m);
  });
});

describe("a job whose script calls AWS by something else", () => {
  const project = refusedCases().find(({ name }) => name === "gitlab-keys-for-a-script");

  it("is moved when it is named", () => {
    const files = project?.files ?? new Map<string, string>();
    const named = MIGRATIONS["gitlab"]?.(files, { ...SETUP, audience: "https://shop.test", jobs: ["release"] });
    expect(named?.refusals).toEqual([]);
    expect(named?.jobs.map(({ name }) => name)).toEqual(["release"]);
    const patch = (named?.files ?? []).map(renderPatch).join("");
    expect(patch).toMatch(/^\+ {4}- eval .*\n {5}- \.\/scripts\/release\.sh$/m);
  });

  it("is told of where others of its file are moved", () => {
    const text = `variables:\n  AWS_ACCESS_KEY_ID: $K\na:\n  script:\n    - aws s3 ls\nb:\n  script:\n    - make x\n`;
    const files = new Map([[".gitlab-ci.yml", text]]);
    const migration = MIGRATIONS["gitlab"]?.(files, { ...SETUP, audience: "https://shop.test" });
    expect(migration?.jobs.map(({ name }) => name)).toEqual(["a"]);
    expect(migration?.notes).toContain(`b had the file's keys too: if its scripts call AWS, say --job "b"`);
  });
});

describe("a job with a role of its own", () => {
  const other = "arn:aws:iam::210987654321:role/shop-live";

  it.each([
    ["gitlab", ".gitlab-ci.yml", "live:\n  script:\n    - aws s3 ls\n", "live", "aud: https://live.test"],
    [
      "github",
      ".github/workflows/a.yml",
      "on: push\njobs:\n  live:\n    env:\n      AWS_ACCESS_KEY_ID: $K\n    steps:\n      - run: aws s3 ls\n",
      "a.yml:live",
      "--audience https://live.test",
    ],
    [
      "circleci",
      ".circleci/config.yml",
      "jobs:\n  live:\n    docker: [{ image: node }]\n    steps:\n      - run: npx cdk deploy\n",
      "live",
      "--audience https://live.test",
    ],
    [
      "bitbucket",
      "bitbucket-pipelines.yml",
      "image: node\npipelines:\n  default:\n    - step:\n        name: live\n        script:\n          - npx cdk deploy\n",
      "live",
      'audiences: ["https://live.test"]',
    ],
  ])("of %s asks for a token for that role's audience", (ci, path, text, job, expected) => {
    const setup = { ...SETUP, audience: "https://shop.test", roles: new Map([[job, other]]) };
    const patches = [setup, { ...setup, audiences: new Map([[other, "https://live.test"]]) }].map((one) =>
      (MIGRATIONS[ci]?.(new Map([[path, text]]), one).files ?? []).map(renderPatch).join(""),
    );
    const [rest = "", own = ""] = patches;
    expect(own).toContain(other);
    expect(own).toContain(expected);
    expect(rest).toBe(own.replaceAll("https://live.test", "https://shop.test"));
  });
});

describe("what a person is told beside the files", () => {
  const notesOf = (ci: string, path: string, text: string): readonly string[] =>
    MIGRATIONS[ci]?.(new Map([[path, text]]), { ...SETUP, audience: "https://shop.test" }).notes ?? [];

  it("names AWS's other orbs, which take keys by themselves, unless their job has credentials", () => {
    const text = `version: 2.1
orbs: { aws-cli: circleci/aws-cli@5.1, aws-s3: circleci/aws-s3@4.1, aws-ecr: circleci/aws-ecr@9.0 }
jobs:
  site:
    docker: [{ image: "cimg/base:2024.01" }]
    steps: [checkout, aws-s3/sync: { from: public, to: "s3://shop" }]
  shop:
    docker: [{ image: "cimg/base:2024.01" }]
    steps: [aws-cli/setup: { role_arn: "${ROLE}" }, aws-ecr/ecr_login]
workflows:
  w:
    jobs:
      - aws-ecr/build_and_push_image: { auth: [aws-cli/setup: { role_arn: "${ROLE}" }], repo: shop }
`;
    expect(notesOf("circleci", ".circleci/config.yml", text)).toEqual([
      "aws-s3/sync takes keys by itself: give it auth:, with aws-cli/setup and its role, or credentials in a step before",
    ]);
  });

  it("warns of images without bash on CircleCI", () => {
    const text = `jobs:\n  a:\n    docker: [{ image: "node:22-alpine" }]\n    steps:\n      - checkout\n      - run: aws s3 ls\n`;
    expect(notesOf("circleci", ".circleci/config.yml", text)[0]).toContain("alpine in its name needs bash");
  });

  it("says that the old token, which Vault is given, is gone", () => {
    const text = `a:\n  script:\n    - vault write auth/jwt/login jwt=$CI_JOB_JWT\n    - aws s3 ls\n`;
    expect(notesOf("gitlab", ".gitlab-ci.yml", text).join()).toContain(
      "CI_JOB_JWT, which Vault is given here, is gone",
    );
  });

  it("says that jobs of several environments take one role", () => {
    const step = `steps:\n      - uses: aws-actions/configure-aws-credentials@v4\n        with:\n          aws-access-key-id: \${{ secrets.KEY }}\n          aws-region: eu-west-1\n`;
    const text = `on: push\njobs:\n  a:\n    environment: dev\n    ${step}  b:\n    environment: { name: live }\n    ${step}`;
    expect(notesOf("github", ".github/workflows/a.yml", text).join()).toContain("one environment each (dev, live)");
  });

  it("says that an action of others must know session tokens", () => {
    const text = `on: push\njobs:\n  a:\n    steps:\n      - uses: acme/upload@v1\n        env:\n          AWS_ACCESS_KEY_ID: \${{ secrets.KEY }}\n`;
    expect(notesOf("github", ".github/workflows/a.yml", text).join()).toContain("acme/upload@v1 had keys in its env");
  });
});
