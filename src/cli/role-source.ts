import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { readConfig } from "../account/config.ts";
import { accountsOf, type Desired, type DesiredRole, desiredState } from "../account/desired.ts";
import { issuerName, parseRoleArn, providerArn, readRoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { readPolicy, readTrustPolicy } from "../core/policy.ts";
import { type Claims, textClaim } from "../core/token.ts";
import { documentOf, readDocument, type RoleView } from "../doctor/role-view.ts";
import { connectIam, type Iam } from "../wire/aws-sdk.ts";
import type { Options } from "./command.ts";

/** Where the AWS side is read. */
export const ROLE_SOURCE_OPTIONS = {
  role: {
    type: "string",
    value: "ARN",
    env: ["ROLECALL_ROLE_ARN", "AWS_ROLE_ARN", "ROLE_ARN"],
    help: "the role; with rolecall.yaml its name will do",
  },
  config: { type: "string", value: "FILE", help: "what rolecall.yaml makes of it, applied or not" },
  policy: {
    type: "string",
    value: "FILE",
    help: "a trust policy, or what aws iam get-role or get-account-authorization-details answered",
  },
  "provider-audience": {
    type: "string",
    value: "AUD",
    multiple: true,
    help: "an audience that the provider has; may be repeated; with --policy",
  },
  "endpoint-url": {
    type: "string",
    value: "URL",
    env: ["AWS_ENDPOINT_URL"],
    help: "another AWS to ask, for example the local cloud's",
  },
} as const satisfies Options;

export interface RoleSourceInput {
  readonly role: string | undefined;
  readonly config: string | undefined;
  readonly policy: string | undefined;
  readonly "provider-audience": readonly string[];
  readonly "endpoint-url": string | undefined;
}

const DEFAULT_CONFIG = "rolecall.yaml";
/** Of a file that names no account and a role that is only a name. */
const SOME_ACCOUNT = "123456789012";

/**
 * Reads the role and the provider: from a document, from rolecall.yaml, or from IAM.
 *
 * @throws RolecallError `usage`, `config`; `refused` with what to ask an administrator for when IAM does not answer
 */
export async function readRoleView(input: RoleSourceInput, roleText: string, claims: Claims): Promise<RoleView> {
  if (input.policy !== undefined) {
    return readDocument(await readText(input.policy), {
      from: input.policy,
      claims,
      audiences: input["provider-audience"],
      roleArn: roleText === "" ? undefined : parseRoleArn(roleText, "--role").arn,
    });
  }
  const file = configFile(input, roleText);
  if (file !== null) return fromConfig(file, roleText, claims);
  if (roleText === "") throw noRole();
  return fromIam(roleText, input["endpoint-url"], claims);
}

function noRole(): RolecallError {
  return new RolecallError("usage", "explain: expected --role ARN, --policy FILE, or a rolecall.yaml in this folder", {
    hints: ["rolecall explain --as 'gitlab acme/shop branch=dev' --policy trust.json"],
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new RolecallError("config", `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The audience that a job of the role has when it is set up right; undefined where the source does not say. A job
 * that does not exist would else be refused for an audience that nobody chose.
 */
export async function wantedAudience(input: RoleSourceInput, roleText: string): Promise<string | undefined> {
  const [told] = input["provider-audience"];
  if (told !== undefined) return told;
  if (input.policy !== undefined) return audienceIn(await readText(input.policy), input.policy, roleText);
  const file = configFile(input, roleText);
  return file === null ? undefined : (await desiredRole(file, roleText)).role.source.audience;
}

/** The audience that a trust policy asks for. */
function audienceIn(text: string, from: string, roleText: string): string | undefined {
  const roleArn = roleText === "" ? undefined : parseRoleArn(roleText, "--role").arn;
  const { role } = readDocument(text, { from, claims: {}, audiences: [], roleArn });
  const tests =
    role?.trust.statements.flatMap(({ effect, conditions }) => (effect === "Allow" ? conditions : [])) ?? [];
  return tests.find(({ operator, key }) => operator === "StringEquals" && key.toLowerCase().endsWith(":aud"))
    ?.values[0];
}

/** The rolecall.yaml to read, or null where IAM is asked. */
function configFile(input: RoleSourceInput, roleText: string): string | null {
  if (input.config !== undefined) return input.config;
  const isName = roleText !== "" && readRoleArn(roleText) === null;
  if (isName && !existsSync(DEFAULT_CONFIG)) {
    throw new RolecallError(
      "usage",
      `--role ${JSON.stringify(roleText)}: expected an ARN, or a name of rolecall.yaml`,
      {
        hints: ["there is no rolecall.yaml in this folder; --config FILE names another file"],
      },
    );
  }
  return isName || (roleText === "" && existsSync(DEFAULT_CONFIG)) ? DEFAULT_CONFIG : null;
}

async function desiredRole(file: string, roleText: string): Promise<{ role: DesiredRole; desired: Desired }> {
  const config = await readConfig(file);
  const arn = readRoleArn(roleText);
  const [first] = accountsOf(config);
  const target = arn ?? { account: first?.id ?? SOME_ACCOUNT, partition: first?.partition ?? ("aws" as const) };
  const desired = desiredState(config, target);
  const name = arn?.name ?? roleText;
  const names = desired.roles.map((one) => one.name);
  if (name === "" && names.length > 1)
    throw new RolecallError(
      "usage",
      `${file} has ${names.length} roles: expected --role NAME, one of ${names.join(", ")}`,
    );
  const role = name === "" ? desired.roles[0] : desired.roles.find((one) => one.name === name);
  if (role) return { role, desired };
  throw new RolecallError("config", `${file} has no role ${JSON.stringify(name)}: expected one of ${names.join(", ")}`);
}

async function fromConfig(file: string, roleText: string, claims: Claims): Promise<RoleView> {
  const { role, desired } = await desiredRole(file, roleText);
  const issuer = issuerName(textClaim(claims, "iss") ?? "");
  const provider = desired.providers.find(({ url }) => issuerName(url) === issuer);
  const trust = readTrustPolicy(JSON.stringify(role.trust));
  if (trust.kind !== "policy") throw new RolecallError("unexpected", `${file} makes a policy that IAM would not save`);
  return {
    role: { arn: role.arn, trust: trust.policy, maxSessionDuration: role.maxSessionDuration },
    roleArn: role.arn,
    provider: provider ? { ...provider, url: issuerName(provider.url), thumbprints: [] } : null,
    from: file,
    source: "config",
    document: documentOf(JSON.stringify(role.trust)),
    assumed: [`the account is as ${file} says (rolecall plan compares)`],
  };
}

async function fromIam(roleText: string, endpoint: string | undefined, claims: Claims): Promise<RoleView> {
  const arn = parseRoleArn(roleText, "--role");
  const provider = providerArn(textClaim(claims, "iss") ?? "", arn.account, arn.partition);
  const iam = await connectIam({ endpoint });
  try {
    const [role, found] = [await iam.getRole(arn.name), await iam.getProvider(provider)];
    // What IAM holds it has saved: a policy of before a rule is none that it would refuse to follow.
    const trust = role ? readPolicy(role.trust) : null;
    const similar = role ? null : await similarRole(iam, arn.name);
    return {
      role:
        role && trust?.kind === "policy"
          ? { arn: role.arn, trust: trust.policy, maxSessionDuration: role.maxSessionDuration }
          : null,
      roleArn: arn.arn,
      provider: found ? { arn: provider, ...found } : null,
      from: `IAM of account ${arn.account}`,
      source: "iam",
      document: role && trust?.kind === "policy" ? documentOf(role.trust) : null,
      assumed: [],
      ...(similar ? { similar } : {}),
      ...(found ? {} : { otherProviders: await providerNames(iam) }),
    };
  } catch (error) {
    throw mayNotRead(error, arn.name, provider);
  }
}

async function providerNames(iam: Iam): Promise<readonly string[]> {
  try {
    return (await iam.listProviders()).map((arn) => arn.slice(arn.indexOf("/") + 1));
  } catch {
    return [];
  }
}

/** A role of nearly this name: most that do not exist are mistyped. To list them is a right of its own. */
async function similarRole(iam: Iam, name: string): Promise<string | null> {
  const arns = new Map<string, string>();
  try {
    await iam.eachRole((role) => arns.set(role.name, role.arn));
  } catch {
    return null;
  }
  return arns.get(nearest(name, [...arns.keys()]) ?? "") ?? null;
}

/** What somebody with the right to read IAM has to run, so that this can go on without it. */
function mayNotRead(error: unknown, name: string, provider: string): unknown {
  if (!(error instanceof RolecallError) || error.code === "unexpected") return error;
  return new RolecallError(error.code, `the role and the provider cannot be read: ${error.message}`, {
    cause: error,
    hints: [
      `somebody who may: aws iam get-role --role-name ${name} > role.json`,
      `and: aws iam get-open-id-connect-provider --open-id-connect-provider-arn ${provider}`,
      "then: rolecall explain --policy role.json --provider-audience AUD",
    ],
  });
}
