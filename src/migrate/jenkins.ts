import type { Edit, FileEdits } from "./edit.ts";
import { leftoverNames } from "./leftovers.ts";
import { type Files, type Migration, NO_MIGRATION, type Setup } from "./migration.ts";
import { lineOf } from "./yaml-file.ts";

// Source: jenkinsci/oidc-provider-plugin, README; jenkinsci/aws-credentials-plugin and pipeline-aws-plugin, README.

const ENVIRONMENT =
  /^([ \t]*)(AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)\s*=\s*(?:credentials\(\s*(['"])[\w.-]+\3\s*\)|(["'])[^"'\n]*\4)[ \t]*\r?\n/gm;
const BINDING =
  /^([ \t]*)(?:withCredentials\(\s*\[\s*(?:\[\s*\$class:\s*['"](?:AmazonWebServicesCredentialsBinding|UsernamePasswordMultiBinding)['"][^\]]*\]|aws\([^)]*\)|(?:string|usernamePassword)\([^)]*AWS_[^)]*\)(?:\s*,\s*string\([^)]*AWS_[^)]*\))*)\s*,?\s*\]\s*\)|withAWS\(\s*(?=[^)]*\bcredentials:)[^)]*\))\s*\{/gm;
/** Comments hand nothing on; a URL's slashes are no comment. */
const COMMENT = /(?<!:)\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * A patch for a Jenkinsfile. It is Groovy, which nothing here can read exactly: what fits is shown, and nothing is ever
 * written.
 */
export function suggestJenkins(files: Files, setup: Setup): Migration {
  const found = [...files].filter(([path]) =>
    /(?:^|\/)(?:Jenkinsfile(?:[.-][\w.-]+)?|[\w.-]+\.[Jj]enkinsfile)$/.test(path),
  );
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
  // As long as the text, so that places are the same.
  const code = text.replaceAll(COMMENT, (comment) => comment.replaceAll(/[^\r\n]/g, " "));
  const keys = [...code.matchAll(ENVIRONMENT)];
  const bindings = [...code.matchAll(BINDING)].filter(
    ([whole]) => !/UsernamePassword/.test(whole) || whole.includes("AWS_"),
  );
  if (keys.length === 0 && bindings.length === 0) return leftoverNames(code) < 0 ? null : { path, text, edits: [] };
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const arn = role ?? "arn:aws:iam::ACCOUNT:role/NAME";
  const edits: Edit[] = keys.map((match, index) => {
    const [whole, indent = ""] = match;
    const put =
      index === 0
        ? `${indent}AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt')${eol}${indent}AWS_ROLE_ARN = '${arn}'${eol}`
        : "";
    return { start: match.index, end: match.index + whole.length, text: put };
  });
  for (const match of bindings) {
    const [whole, indent = ""] = match;
    const put = [
      `${indent}// in the pipeline's environment { }: AWS_ROLE_ARN = '${arn}'`,
      `${indent}withCredentials([file(credentialsId: 'aws-jwt', variable: 'AWS_WEB_IDENTITY_TOKEN_FILE')]) {`,
    ].join(eol);
    edits.push({ start: match.index, end: match.index + whole.length, text: put });
  }
  return { path, text, edits };
}
