// Stands in for `aws sts get-caller-identity` and `aws iam get-user` where there is no AWS CLI: the same calls by the
// AWS SDK, with whatever credentials it finds.
import { GetUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const words = process.argv.slice(2).join(" ");
if (words.includes("sts get-caller-identity"))
  console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn);
else if (words.includes("iam get-user --user-name ci"))
  console.log((await new IAMClient({}).send(new GetUserCommand({ UserName: "ci" }))).User?.Arn);
else throw new Error(`no such call: ${words}`);
