export { readTokenEndpoint } from "../../wire/token-endpoint.ts";
