import { VERSION } from "../core/version.ts";
import { evalLine, handOverLine, type ImageKind, type LineSetup } from "./rolecall-line.ts";
import { type Image, imageFor } from "./ci-part-images.ts";
import { plain, yamlValue } from "./splice.ts";

/** What calls AWS in the job. */
export const TOOLS = ["aws", "cdk", "terraform", "sam", "docker"] as const;
export type Tool = (typeof TOOLS)[number];

export interface PartSetup {
  /** The role's ARN. */
  readonly role: string;
  /** As in rolecall.yaml; null takes the CI's own. */
  readonly audience: string | null;
  readonly tool: Tool;
  readonly image: ImageKind;
}

interface Part {
  /** Its lines; `null` where rolecall has no way for such an image. */
  readonly lines: (setup: PartSetup) => readonly string[] | null;
}

const TOKEN = "ROLECALL_TOKEN";
const WHY =
  "no key is stored anywhere: the job proves itself by an ID token, which AWS swaps for credentials that end soon";
const FAILS = "one line: ID token in, credentials out; a refusal stops the job here";

function registryOf(role: string): string {
  return `${role.split(":")[4] ?? ""}.dkr.ecr.us-east-1.amazonaws.com`;
}

/** What the tool is called with, for a start. Docker needs a session with its registry. */
function commandsOf({ tool, role, image }: PartSetup): readonly string[] {
  if (image === "none")
    return [
      "docker run --rm -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY -e AWS_SESSION_TOKEN -e AWS_REGION=us-east-1 IMAGE",
    ];
  const commands: Readonly<Record<Tool, readonly string[]>> = {
    aws: ["aws sts get-caller-identity"],
    cdk: ["npx cdk diff"],
    terraform: ["terraform init", "terraform plan"],
    sam: ["sam deploy --no-confirm-changeset --no-fail-on-empty-changeset"],
    docker: [
      `docker build -t ${registryOf(role)}/IMAGE .`,
      `aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin ${registryOf(role)}`,
      `docker push ${registryOf(role)}/IMAGE`,
    ],
  };
  return commands[tool];
}

/** Where the job's image is named beside its commands. */
function installed(image: Image): readonly string[] {
  return image.install === undefined ? [] : [image.install];
}

/** GitLab starts a shell in the image: one that has a program of its own there must not start it. */
function gitlabImage(setup: PartSetup): string {
  const { image } = imageFor(setup);
  return image.startsWith("hashicorp/") ? `{ name: "${image}", entrypoint: [""] }` : image;
}

const NONE =
  "# IMAGE has no shell: a shell of another image takes the credentials, and hands them over by name, not by value";

function lineOf({ role, image }: PartSetup, more: Partial<LineSetup>): string {
  return evalLine({ image, role, tokenEnv: null, ...more });
}

function indented(lines: readonly string[], by: number): readonly string[] {
  return lines.map((line) => " ".repeat(by) + line);
}

function note({ image }: PartSetup): readonly string[] {
  return image === "none" ? [NONE] : [];
}

/** How each CI's file says it. Sources: `src/ci/`, one file per CI. */
export const PARTS: Readonly<Record<string, Part>> = {
  gitlab: {
    lines: (setup) => [
      `# ${WHY}`,
      ...note(setup),
      "deploy:",
      ...indented([`image: ${gitlabImage(setup)}`], 2),
      ...(setup.image === "none" || setup.tool === "docker" ? ["  services: [docker:28-dind]"] : []),
      "  id_tokens: # this job alone asks for one",
      `    ${TOKEN}:`,
      `      aud: ${yamlValue(setup.audience ?? "sts.amazonaws.com")} # as audience: in rolecall.yaml`,
      "  script:",
      ...installed(imageFor(setup)).map((command) => `    - ${command}`),
      `    # ${FAILS}`,
      `    - ${plain(lineOf(setup, { tokenEnv: TOKEN }))}`,
      ...commandsOf(setup).map((command) => `    - ${plain(command)}`),
    ],
  },
  github: {
    lines: (setup) => [
      `# ${WHY}`,
      ...note(setup),
      "deploy:",
      "  runs-on: ubuntu-latest",
      ...(setup.image === "shell" ? [`  container: ${imageFor(setup).image}`] : []),
      "  # on the job, so that no other gets a token; what is not named here is taken away",
      "  permissions: { id-token: write, contents: read }",
      "  steps:",
      "    - uses: actions/checkout@v5",
      ...(setup.tool === "terraform" && setup.image === "node" ? ["    - uses: hashicorp/setup-terraform@v3"] : []),
      ...githubSteps(setup),
    ],
  },
  circleci: {
    lines: (setup) => [
      `# ${WHY}`,
      ...note(setup),
      "deploy:",
      `  ${circleciExecutor(setup)}`,
      "  steps:",
      "    - checkout",
      "    - run:",
      `        # ${FAILS}; later steps read BASH_ENV`,
      "        name: AWS credentials by OIDC, no keys",
      `        command: ${plain(circleciLine(setup))}`,
      ...commandsOf(setup).map((command) => `    - run: ${plain(command)}`),
      "# on old plans a job needs a context to get a token: in its workflow, context: [aws]",
    ],
  },
  jenkins: {
    lines: (setup) => [
      `// ${WHY}`,
      ...note(setup).map((line) => line.replace("#", "//")),
      '// aws-jwt: a credential of the kind "OpenID Connect id token as file" (plugin OpenID Connect Provider)',
      `// with the audience ${setup.audience ?? "sts.amazonaws.com"}`,
      "stage('deploy') {",
      "  environment { AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt') }",
      "  steps {",
      "    sh '''",
      `      # ${FAILS}`,
      "      set -e",
      `      ${jenkinsLine(setup)}`,
      ...indented(commandsOf(setup), 6),
      "    '''",
      "  }",
      "}",
    ],
  },
  bitbucket: {
    lines: (setup) => [
      `# ${WHY}`,
      ...note(setup),
      "- step:",
      "    name: deploy",
      `    image: ${imageFor(setup).image}`,
      ...(setup.image === "none" || setup.tool === "docker" ? ["    services: [docker]"] : []),
      ...oidcOf(setup.audience),
      "    script:",
      ...installed(imageFor(setup)).map((command) => `      - ${command}`),
      `      # ${FAILS}`,
      `      - ${plain(lineOf(setup, {}))}`,
      ...commandsOf(setup).map((command) => `      - ${plain(command)}`),
    ],
  },
  buildkite: {
    lines: (setup) => (setup.image === "node" ? buildkiteLines(setup) : null),
  },
  azure: {
    lines: (setup) => (setup.image === "shell" ? null : azureLines(setup)),
  },
};

function githubSteps(setup: PartSetup): readonly string[] {
  const { role, audience, image } = setup;
  if (image === "shell") {
    return [
      "    - name: deploy",
      "      # no Node.js in the job's container: one shell for the credentials and what needs them",
      "      run: |",
      ...indented(withCurl(setup), 8),
      `        ${lineOf(setup, { audience })}`,
      ...indented(commandsOf(setup), 8),
    ];
  }
  const line = handOverLine({ image: "node", role, tokenEnv: null, audience }, "github");
  return [
    `    # ${FAILS}; the values are masked in the log`,
    "    - name: AWS credentials by OIDC, no keys",
    `      run: ${plain(line)}`,
    ...commandsOf(setup).map((command) => `    - run: ${plain(command)}`),
  ];
}

/** Busybox's wget would show GitHub's bearer token to every process: rolecall.sh wants curl there. */
function withCurl(setup: PartSetup): readonly string[] {
  const { image, install } = imageFor(setup);
  if (install !== undefined) return [`${install} curl`];
  return image.includes("hashicorp/") ? ["apk add --no-cache curl"] : [];
}

/** CircleCI's machines have Docker, the AWS CLI and Node.js. */
function circleciExecutor(setup: PartSetup): string {
  const { image, tool } = setup;
  if (image === "none" || tool === "aws" || tool === "docker") return "machine: { image: default }";
  if (image === "node" && tool === "cdk") return "docker: [{ image: cimg/node:22.20 }]";
  const [name = "", why] = imageFor(setup).image.split(" # ");
  return `docker: [{ image: ${JSON.stringify(name)} }]${why === undefined ? "" : ` # ${why}`}`;
}

function circleciLine({ role, audience, image }: PartSetup): string {
  if (image === "node") return handOverLine({ image, role, tokenEnv: null, audience }, "circleci");
  return `sh rolecall.sh --role ${role} >> "$BASH_ENV"`;
}

function jenkinsLine({ role, image }: PartSetup): string {
  if (image === "node") return evalLine({ image, role, tokenEnv: null });
  return `eval "$(sh rolecall.sh --role ${role} --token-file "$AWS_WEB_IDENTITY_TOKEN_FILE")"`;
}

function oidcOf(audience: string | null): readonly string[] {
  const why = "# this step alone gets a token";
  if (audience === null) return [`    oidc: true ${why}`];
  return [
    `    oidc: ${why}, for one audience: AWS refuses a token with several`,
    `      audiences: [${JSON.stringify(audience)}]`,
  ];
}

function buildkiteLines(setup: PartSetup): readonly string[] {
  const audience = setup.audience === null ? "" : ` --audience ${setup.audience}`;
  const command = `npx --yes rolecall@${VERSION} exec --role ${setup.role}${audience} --`;
  return [
    `# ${WHY}`,
    "- label: deploy",
    "  command:",
    "    # asks the agent for a token, and runs one command with the credentials",
    ...commandsOf(setup).map((one) => {
      if (!needsKeys(one)) return `    - ${plain(one)}`;
      return `    - ${plain(one.includes("|") ? `${command} sh -ec "${one.replaceAll('"', String.raw`\"`)}"` : `${command} ${one}`)}`;
    }),
  ];
}

/** An image is built without credentials, so that none can end up in it. */
function needsKeys(command: string): boolean {
  return !command.startsWith("docker build");
}

function azureLines(setup: PartSetup): readonly string[] {
  const line = handOverLine({ image: "node", role: setup.role, tokenEnv: null }, "azure");
  return [
    `# ${WHY}`,
    ...note(setup),
    `# ${FAILS}; later steps have the credentials as secret variables`,
    `- script: ${plain(line)}`,
    "  displayName: AWS credentials by OIDC, no keys",
    "  env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) } # lets this step alone ask for a token",
    ...commandsOf(setup).flatMap((command) => [
      `- script: ${plain(command)}`,
      ...(needsKeys(command)
        ? [
            "  env:",
            "    AWS_ACCESS_KEY_ID: $(AWS_ACCESS_KEY_ID)",
            "    AWS_SECRET_ACCESS_KEY: $(AWS_SECRET_ACCESS_KEY)",
            "    AWS_SESSION_TOKEN: $(AWS_SESSION_TOKEN)",
          ]
        : []),
    ]),
  ];
}
