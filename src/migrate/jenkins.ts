import type { Edit, FileEdits } from "./edit.ts";
import { leftoverNames } from "./leftovers.ts";
import { type Files, type Migration, NO_MIGRATION, type Setup } from "./migration.ts";
import { lineOf } from "./yaml-file.ts";

// Source: jenkinsci/oidc-provider-plugin, README; jenkinsci/aws-credentials-plugin and pipeline-aws-plugin, README.

const ENVIRONMENT =
  /^([ \t]*)(AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)\s*=\s*credentials\(\s*(['"])[\w.-]+\3\s*\)[ \t]*\r?\n/gm;
const BINDING =
  /^([ \t]*)withCredentials\(\s*\[\s*(?:\[\s*\$class:\s*'AmazonWebServicesCredentialsBinding'[^\]]*\]|aws\([^)]*\)|(?:string|usernamePassword)\([^)]*AWS_[^)]*\)(?:\s*,\s*string\([^)]*AWS_[^)]*\))*)\s*\]\s*\)\s*\{/gm;

/**
 * A patch for a Jenkinsfile. It is Groovy, which nothing here can read exactly: what fits is shown, and nothing is ever
 * written.
 */
export function suggestJenkins(files: Files, setup: Setup): Migration {
  const found = [...files].filter(([path]) => /(?:^|\/)Jenkinsfile(?:\.\w+)?$/.test(path));
  const suggestions = found.flatMap(([path, text]) => suggestionFor(path, text, setup) ?? []);
  if (suggestions.length === 0) return { ...NO_MIGRATION, ci: "jenkins" };
  return {
    ci: "jenkins",
    files: suggestions,
    jobs: [],
    refusals: suggestions.map(({ path, text, edits }) => ({
      path,
      line: lineOf(text, edits[0]?.start ?? leftoverNames(text)),
      job: null,
      reason: "a Jenkinsfile is a program: the patch is a suggestion, to be read and applied by hand",
    })),
    notes: [
      'Jenkins needs the OpenID Connect Provider plugin, and a credential "aws-jwt" of the kind "OpenID Connect id token as file"',
    ],
  };
}

function suggestionFor(path: string, text: string, { role }: Setup): FileEdits | null {
  const keys = [...text.matchAll(ENVIRONMENT)];
  const bindings = [...text.matchAll(BINDING)];
  if (keys.length === 0 && bindings.length === 0) return leftoverNames(text) < 0 ? null : { path, text, edits: [] };
  const arn = role ?? "arn:aws:iam::ACCOUNT:role/NAME";
  const edits: Edit[] = keys.map((match, index) => {
    const [whole, indent = ""] = match;
    const put =
      index === 0
        ? `${indent}AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt')\n${indent}AWS_ROLE_ARN = '${arn}'\n`
        : "";
    return { start: match.index, end: match.index + whole.length, text: put };
  });
  for (const match of bindings) {
    const [whole, indent = ""] = match;
    const text2 = `${indent}withCredentials([file(credentialsId: 'aws-jwt', variable: 'AWS_WEB_IDENTITY_TOKEN_FILE')]) { // role: ${arn} as AWS_ROLE_ARN`;
    edits.push({ start: match.index, end: match.index + whole.length, text: text2 });
  }
  return { path, text, edits };
}
