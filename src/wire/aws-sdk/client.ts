import type * as IamSdk from "@aws-sdk/client-iam";
import type { STSClientConfig } from "@aws-sdk/client-sts";

import { PARTITIONS } from "../../core/arn.ts";
import { OVER_QUOTA } from "./call.ts";
import type { AwsKeys, AwsOptions } from "./types.ts";

type ClientConfig = IamSdk.IAMClientConfig & STSClientConfig;

/** A client with the region of the options, of the environment or profile, or else us-east-1, where IAM is. */
export async function regional<Client extends { readonly config: { region(): Promise<string> } }>(
  options: AwsOptions,
  make: (config: ClientConfig) => Client,
): Promise<Client> {
  const config = clientConfig(options);
  const client = withoutNodeWarning(() => make(config));
  try {
    await client.config.region();
    return withoutQuotaRetries(client);
  } catch {
    return withoutQuotaRetries(withoutNodeWarning(() => make({ ...config, region: PARTITIONS.aws.defaultRegion })));
  }
}

interface Layered {
  readonly middlewareStack: IamSdk.IAMClient["middlewareStack"];
}

/**
 * The SDK takes IAM's LimitExceeded for a rate limit and tries again for many seconds; it is a quota,
 * which waiting does not raise. So it has another name while the SDK decides.
 * Source: @smithy/service-error-classification, THROTTLING_ERROR_CODES; IAM API reference, LimitExceeded.
 */
function withoutQuotaRetries<Client extends object>(client: Client): Client {
  (client as Client & Layered).middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error && /^LimitExceeded(Exception)?$/.test(error.name)) error.name = OVER_QUOTA;
        throw error;
      }
    },
    { step: "finalizeRequest", priority: "low", name: "rolecallQuota" },
  );
  return client;
}

function clientConfig({ endpoint, region, credentials }: AwsOptions): ClientConfig {
  // Of the two variables the SDK for JavaScript reads only AWS_REGION.
  const chosen = region ?? (process.env["AWS_REGION"] ? undefined : process.env["AWS_DEFAULT_REGION"]);
  return {
    // IAM's limits are not published: slow down by what it answers, and be patient. Source: SDK guide, retry behavior.
    retryMode: "adaptive",
    maxAttempts: 6,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(chosen ? { region: chosen } : {}),
    ...(credentials === undefined ? {} : { credentials: sdkCredentials(credentials) }),
  };
}

function sdkCredentials({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys) {
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
  };
}

const WARNING_SWITCH = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/**
 * Makes a client without the SDK's note on Node versions that it will drop, which no user of rolecall
 * can act on. The SDK reads the switch when the first client is made and then remembers it; the
 * variable is put back, so that no child process gets it. Source: @aws-sdk/core, emitWarningIfUnsupportedVersion.
 */
function withoutNodeWarning<Client>(make: () => Client): Client {
  const before = process.env[WARNING_SWITCH];
  process.env[WARNING_SWITCH] = "true";
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[WARNING_SWITCH];
    else process.env[WARNING_SWITCH] = before;
  }
}
