import { RolecallError } from "../../core/errors.ts";
import { isObject, type Json } from "../../core/token.ts";
import { type CallJson, connectJson, type JsonService } from "./json-call.ts";
import type { AwsOptions } from "./types.ts";

// Source: AWS Config API model 2014-11-12.
const CONFIG: JsonService = { name: "config", target: "StarlingDoveService" };
// The most that SelectAggregateResourceConfig takes; 25 when nothing is said.
const PAGE = 100;

/** What an aggregator knows of IAM, by resource type. */
export interface ConfigReading {
  readonly aggregator: string;
  readonly roles: readonly Json[];
  readonly policies: readonly Json[];
  readonly providers: readonly Json[];
  readonly requests: number;
}

const STATUS = "configurationItemStatus IN ('OK', 'ResourceDiscovered')";

/**
 * Fields by type. Source: awslabs/aws-config-resource-schema, but for the documents, which AWS Config gives too. When a
 * role was last used is as old as its last change, and not asked for.
 */
const QUERIES = {
  roles: `SELECT accountId, configuration.arn, configuration.roleName, configuration.createDate, configuration.assumeRolePolicyDocument, configuration.attachedManagedPolicies, configuration.rolePolicyList, configuration.permissionsBoundary WHERE resourceType = 'AWS::IAM::Role' AND ${STATUS}`,
  policies: `SELECT accountId, configuration.arn, configuration.policyVersionList WHERE resourceType = 'AWS::IAM::Policy' AND ${STATUS}`,
  providers: `SELECT accountId, configuration.Arn, configuration.Url, configuration.ClientIdList, configuration.ThumbprintList WHERE resourceType = 'AWS::IAM::OIDCProvider' AND ${STATUS}`,
} as const;

/**
 * Asks an AWS Config aggregator for the IAM of all its accounts.
 *
 * @param name of the aggregator; undefined for the only one there is
 * @param progress is told after each page how many resources there are
 * @throws RolecallError `refused`, `config` or `unavailable`
 */
export async function readAggregator(
  options: AwsOptions,
  name: string | undefined,
  progress: (resources: number) => void,
  pause: (milliseconds: number) => Promise<void>,
): Promise<ConfigReading> {
  let requests = 0;
  let resources = 0;
  const call = await connectJson(CONFIG, options, pause);
  const ask: CallJson = async (operation, input) => {
    requests += 1;
    return await call(operation, input);
  };
  const aggregator = name ?? (await onlyAggregator(ask));
  const select = async (expression: string): Promise<readonly Json[]> => {
    const rows: Json[] = [];
    for (let next: Json | undefined; ;) {
      const page = await ask("SelectAggregateResourceConfig", {
        ConfigurationAggregatorName: aggregator,
        Expression: expression,
        Limit: PAGE,
        ...(next === undefined ? {} : { NextToken: next }),
      });
      const read = listOf(page["Results"]).flatMap(rowOf);
      rows.push(...read);
      resources += read.length;
      progress(resources);
      next = page["NextToken"];
      if (typeof next !== "string" || next === "") return rows;
    }
  };
  const roles = await select(QUERIES.roles);
  const policies = await select(QUERIES.policies);
  const providers = await select(QUERIES.providers);
  return { aggregator, roles, policies, providers, requests };
}

async function onlyAggregator(ask: CallJson): Promise<string> {
  const answer = await ask("DescribeConfigurationAggregators", {});
  const names = listOf(answer["ConfigurationAggregators"]).flatMap((one) =>
    isObject(one) && typeof one["ConfigurationAggregatorName"] === "string" ? [one["ConfigurationAggregatorName"]] : [],
  );
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new RolecallError(
    "config",
    names.length === 0
      ? "AWS Config has no aggregator here: expected one in this account and Region"
      : `expected --aggregator, since there are several: ${names.join(", ")}`,
    { hints: ["--aggregator NAME, and --region REGION for the one that it is in"] },
  );
}

/** Each result is a text of JSON. */
function rowOf(result: Json): readonly Json[] {
  if (typeof result !== "string") return [];
  try {
    return [JSON.parse(result) as Json];
  } catch (error) {
    throw new RolecallError("unexpected", "AWS Config answered with a result that is not JSON", { cause: error });
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
