export { callerIdentity } from "../../wire/aws-sdk.ts";
