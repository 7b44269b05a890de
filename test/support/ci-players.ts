import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** One step: a command without a shell, and what it has in its environment beside the job's. */
interface PlayedStep {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A job as ci-runner.mjs goes through it. */
export interface PlayedJob {
  readonly name: string;
  readonly steps: readonly PlayedStep[];
  /** The job's own variables, and those that the CI keeps for the project. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of `rolecall job` that this job would not have, since its file does not ask for a token. */
  readonly without: readonly string[];
  /** The variable of `rolecall job` with the token, and what the file calls it. */
  readonly tokens: readonly (readonly [string, string])[];
  readonly audience: string | null;
  /** How a step hands variables to later ones. */
  readonly handOver: "github" | "azure" | null;
}

/** Where a job is read for. */
interface Project {
  /** The home of the runner's user. */
  readonly home: string;
  /** What the CI keeps for the project: variables, secrets, credentials. */
  readonly variables: Readonly<Record<string, string>>;
}

const ACTION = fileURLToPath(new URL("../../dist/action/main.cjs", import.meta.url));

type Fields = Readonly<Record<string, unknown>>;
type Player = (text: string, project: Project) => readonly PlayedJob[];

/** What each CI makes of its file. */
export const PLAYERS: Readonly<Record<string, Player>> = {
  gitlab: playGitlab,
  github: playGithub,
  circleci: playCircleci,
  bitbucket: playBitbucket,
  jenkins: playJenkins,
  buildkite: playBuildkite,
  azure: playAzure,
};

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Variables of a file, `$NAME` and `${NAME}` in them filled in as the CI does before the job starts. */
function variablesOf(value: unknown, kept: Readonly<Record<string, string>>): Record<string, string> {
  const fill = (text: string): string =>
    text.replaceAll(/\$\{?(\w+)\}?/g, (whole, name: string) => kept[name] ?? whole);
  return Object.fromEntries(Object.entries(fields(value)).map(([name, one]) => [name, fill(String(one))]));
}

function shell(lines: readonly string[], name = "sh"): PlayedStep {
  return { command: [name, "-ec", lines.join("\n")] };
}

const WITHOUT_TOKEN = ["ROLECALL_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
const JOB = { without: [], tokens: [], audience: null, handOver: null } as const;

function playGitlab(text: string, { variables }: Project): readonly PlayedJob[] {
  const { variables: all, stages: _, ...jobs } = fields(parse(text));
  return Object.entries(jobs).map(([name, value]) => {
    const job = fields(value);
    const [[token, wanted] = ["", null]] = Object.entries(fields(job["id_tokens"]));
    const own = variablesOf({ ...fields(all), ...fields(job["variables"]) }, variables);
    return {
      ...JOB,
      name,
      steps: [shell([...list(job["before_script"]), ...list(job["script"])].map(String), "bash")],
      // A variable of the project outranks one of the file. Source: GitLab docs, CI/CD variable precedence.
      variables: { ...own, ...variables },
      without: token === "ROLECALL_TOKEN" ? [] : ["ROLECALL_TOKEN"],
      tokens: token === "" || token === "ROLECALL_TOKEN" ? [] : [["ROLECALL_TOKEN", token] as const],
      audience: token === "" ? null : String(fields(wanted)["aud"]),
    };
  });
}

function playGithub(text: string, { variables }: Project): readonly PlayedJob[] {
  const workflow = fields(parse(text));
  return Object.entries(fields(workflow["jobs"])).map(([name, value]) => {
    const job = fields(value);
    const fill = (one: unknown): string =>
      String(one).replaceAll(/\$\{\{ *secrets\.(\w+) *\}\}/g, (_, secret: string) => variables[secret] ?? "");
    const filled = (one: unknown): Record<string, string> =>
      Object.fromEntries(Object.entries(fields(one)).map(([key, each]) => [key, fill(each)]));
    const hasToken = fields(job["permissions"] ?? workflow["permissions"])["id-token"] === "write";
    const steps = list(job["steps"]).map(fields);
    return {
      ...JOB,
      name,
      // A secret is no variable until the file says so.
      variables: filled({ ...fields(workflow["env"]), ...fields(job["env"]) }),
      without: hasToken ? [] : WITHOUT_TOKEN,
      handOver: "github" as const,
      steps: steps.flatMap((step) => {
        const uses = textOf(step["uses"]);
        if (uses.startsWith("actions/checkout@")) return [];
        if (uses.startsWith("aws-actions/configure-aws-credentials@")) return [actionStep(filled(step["with"]))];
        if (uses !== "") throw new Error(`no stand-in for the action ${uses}`);
        return [{ ...shell([fill(step["run"])], "bash"), env: filled(step["env"]) }];
      }),
    };
  });
}

/** This project's own action, which has that one's inputs. */
function actionStep(inputs: Readonly<Record<string, string>>): PlayedStep {
  const named = Object.entries({ audience: "sts.amazonaws.com", ...inputs });
  return {
    command: [process.execPath, ACTION],
    env: Object.fromEntries(named.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  };
}

function playCircleci(text: string, { variables, home }: Project): readonly PlayedJob[] {
  const bashEnv = join(home, "bash_env");
  writeFileSync(bashEnv, "", { mode: 0o600 });
  return Object.entries(fields(fields(parse(text))["jobs"])).map(([name, value]) => {
    const job = fields(value);
    return {
      ...JOB,
      name,
      variables: { ...variables, ...variablesOf(job["environment"], variables), BASH_ENV: bashEnv },
      steps: list(job["steps"]).flatMap((step) => {
        const [[kind, body] = [String(step), {}]] = Object.entries(fields(step));
        if (kind === "checkout") return [];
        if (kind === "aws-cli/setup") return [shell(orbLines(fields(body)), "bash")];
        if (kind !== "run") throw new Error(`no stand-in for the step ${kind}`);
        return [shell([String(typeof body === "string" ? body : fields(body)["command"])], "bash")];
      }),
    };
  });
}

/** What the orb's command does, with the token that every job has, or with the variables that it is told to read. */
function orbLines(inputs: Fields): readonly string[] {
  const leave = (key: string, secret: string, token: string): string =>
    `printf 'export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s\\n' "${key}" "${secret}" "${token}" >> "$BASH_ENV"`;
  const role = inputs["role_arn"];
  if (role === undefined)
    return [leave(`$${String(inputs["aws_access_key_id"])}`, `$${String(inputs["aws_secret_access_key"])}`, "")];
  return [
    `set -- $(aws sts assume-role-with-web-identity --role-arn "${textOf(role)}" --role-session-name orb --web-identity-token "$CIRCLE_OIDC_TOKEN_V2" --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)`,
    leave("$1", "$2", "$3"),
  ];
}

function playBitbucket(text: string, { variables }: Project): readonly PlayedJob[] {
  return stepsIn(fields(parse(text))["pipelines"] ?? parse(text)).map((step) => {
    const audiences = list(fields(step["oidc"])["audiences"]).map(String);
    const hasToken = step["oidc"] === true || audiences.length > 0;
    return {
      ...JOB,
      name: textOf(step["name"]),
      variables,
      without: hasToken ? [] : ["BITBUCKET_STEP_OIDC_TOKEN"],
      audience: audiences[0] ?? null,
      steps: inOneShell(list(step["script"]), variables),
    };
  });
}

/** Every `step:` of a tree of branches, tags and pull requests. */
function stepsIn(value: unknown): readonly Fields[] {
  return list(value)
    .flatMap((one) => Object.entries(fields(one)))
    .flatMap(([name, body]) => (name === "step" ? [fields(body)] : stepsIn(body)));
}

/** Lines beside each other are one shell; a pipe is a container of its own, with the variables that it is given. */
function inOneShell(script: readonly unknown[], variables: Readonly<Record<string, string>>): readonly PlayedStep[] {
  const lines = script.filter((line) => typeof line === "string");
  const pipes = script.map(fields).filter((one) => one["pipe"] !== undefined);
  return [
    ...(lines.length > 0 ? [shell(lines, "bash")] : []),
    ...pipes.map((pipe) => ({ ...shell(PIPE), env: variablesOf(pipe["variables"], variables) })),
  ];
}

// Source: atlassian/aws-s3-deploy, README: keys, or AWS_OIDC_ROLE_ARN with the step's token.
const PIPE = [
  'if [ -n "${AWS_OIDC_ROLE_ARN:-}" ]; then',
  "  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY",
  '  token=$(mktemp); trap \'rm -f "$token"\' EXIT; printf %s "$BITBUCKET_STEP_OIDC_TOKEN" > "$token"',
  '  export AWS_WEB_IDENTITY_TOKEN_FILE="$token" AWS_ROLE_ARN="$AWS_OIDC_ROLE_ARN"',
  "fi",
  "the-pipe",
];

/** A declarative Jenkinsfile, as far as `environment` of secrets and `sh` go. */
function playJenkins(text: string, { variables }: Project): readonly PlayedJob[] {
  const bound = [...text.matchAll(/^\s*(\w+)\s*=\s*credentials\('([\w.-]+)'\)/gm)].map(([, name = "", id = ""]) => [
    name,
    id,
  ]);
  const literal = [...text.matchAll(/^\s*(?:environment \{\s*)?(\w+)\s*=\s*'([^']*)'/gm)].map(
    ([, name = "", value = ""]) => [name, value],
  );
  const hasToken = /AWS_WEB_IDENTITY_TOKEN_FILE\s*=\s*credentials\('aws-jwt'\)/.test(text);
  const scripts = [...text.matchAll(/\bsh '''([\s\S]*?)'''|\bsh '([^'\n]*)'/g)].map(
    ([, long, short]) => long ?? short ?? "",
  );
  const secrets = bound.filter(([, id]) => id !== "aws-jwt").map(([name = "", id = ""]) => [name, variables[id] ?? ""]);
  return [
    {
      ...JOB,
      name: "Jenkinsfile",
      variables: Object.fromEntries([...secrets, ...literal]) as Record<string, string>,
      without: hasToken ? [] : ["AWS_WEB_IDENTITY_TOKEN_FILE"],
      steps: scripts.map((script) => shell([script])),
    },
  ];
}

function playBuildkite(text: string, { variables }: Project): readonly PlayedJob[] {
  const value: unknown = parse(text);
  const steps = Array.isArray(value) ? (value as readonly unknown[]) : list(fields(value)["steps"]);
  return steps.map(fields).map((step) => ({
    ...JOB,
    name: textOf(step["label"]),
    // Its agents get variables by the agent's hook; they outrank the file's.
    variables: { ...variablesOf(step["env"], variables), ...variables },
    steps: [shell(list(step["command"] ?? step["commands"]).map(String), "bash")],
  }));
}

function playAzure(text: string, { variables }: Project): readonly PlayedJob[] {
  const value: unknown = parse(text);
  const steps = Array.isArray(value) ? (value as readonly unknown[]) : list(fields(value)["steps"]);
  return [
    {
      ...JOB,
      name: "azure-pipelines.yml",
      variables,
      handOver: "azure" as const,
      steps: steps
        .map(fields)
        .map((step) => ({ ...shell([String(step["script"])], "bash"), env: variablesOf(step["env"], {}) })),
    },
  ];
}
