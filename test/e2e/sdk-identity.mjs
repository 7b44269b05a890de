// The AWS SDK for JavaScript with its default credential chain, as a tool in a job would use it: prints who it is.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
process.stdout.write(`${Arn ?? ""}\n`);
