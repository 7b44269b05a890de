import { VERSION } from "../core/version.ts";
import { evalLine, handOverLine, type ImageKind, type LineSetup } from "./rolecall-line.ts";
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
      `aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin ${registryOf(role)}`,
      `docker push ${registryOf(role)}/IMAGE`,
    ],
  };
  return commands[tool];
}

interface Image {
  readonly image: string;
  /** What the image lacks. */
  readonly install?: string;
}

const ALPINE_AWS: Image = { image: "alpine:3.22", install: "apk add --no-cache aws-cli" };
const DOCKER: Image = { image: "docker:28", install: "apk add --no-cache aws-cli" };
const SAM: Image = { image: "public.ecr.aws/sam/build-nodejs22.x:latest" };

/** An image for the job that has what its lines call. */
const IMAGES: Readonly<Record<ImageKind, Readonly<Record<Tool, Image>>>> = {
  node: {
    aws: { image: "node:22-alpine", install: "apk add --no-cache aws-cli" },
    cdk: { image: "node:22" },
    terraform: { image: "IMAGE # one with Node.js and terraform" },
    sam: SAM,
    docker: { image: "node:22-alpine", install: "apk add --no-cache aws-cli docker-cli" },
  },
  shell: {
    aws: ALPINE_AWS,
    cdk: { image: "IMAGE # one with cdk" },
    terraform: { image: '{ name: "hashicorp/terraform:1.13", entrypoint: [""] }' },
    sam: SAM,
    docker: DOCKER,
  },
  none: { aws: DOCKER, cdk: DOCKER, terraform: DOCKER, sam: DOCKER, docker: DOCKER },
};

function imageLines(setup: PartSetup, by: number): readonly string[] {
  return indented([`image: ${IMAGES[setup.image][setup.tool].image}`], by);
}

/** Where the job's image is named beside its commands. */
function installed(setup: PartSetup): readonly string[] {
  const { install } = IMAGES[setup.image][setup.tool];
  return install === undefined ? [] : [install];
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
      ...imageLines(setup, 2),
      ...(setup.image === "none" || setup.tool === "docker" ? ["  services: [docker:28-dind]"] : []),
      "  id_tokens: # this job alone asks for one",
      `    ${TOKEN}:`,
      `      aud: ${yamlValue(setup.audience ?? "sts.amazonaws.com")} # as audience: in rolecall.yaml`,
      "  script:",
      ...installed(setup).map((command) => `    - ${command}`),
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
      "  # on the job, so that no other gets a token; what is not named here is taken away",
      "  permissions: { id-token: write, contents: read }",
      "  steps:",
      "    - uses: actions/checkout@v5",
      ...githubSteps(setup),
    ],
  },
  circleci: {
    lines: (setup) => [
      `# ${WHY}`,
      ...note(setup),
      "deploy:",
      ...(setup.image === "node" ? ["  docker: [{ image: cimg/node:22.20 }]"] : ["  machine: { image: default }"]),
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
      ...imageLines(setup, 4),
      ...(setup.image === "none" || setup.tool === "docker" ? ["    services: [docker]"] : []),
      ...oidcOf(setup.audience),
      "    script:",
      ...installed(setup).map((command) => `      - ${command}`),
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
    ...commandsOf(setup).map(
      (one) =>
        `    - ${plain(/[|]/.test(one) ? `${command} sh -ec "${one.replaceAll('"', String.raw`\"`)}"` : `${command} ${one}`)}`,
    ),
  ];
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
      "  env:",
      "    AWS_ACCESS_KEY_ID: $(AWS_ACCESS_KEY_ID)",
      "    AWS_SECRET_ACCESS_KEY: $(AWS_SECRET_ACCESS_KEY)",
      "    AWS_SESSION_TOKEN: $(AWS_SESSION_TOKEN)",
    ]),
  ];
}
