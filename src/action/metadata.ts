import http from "node:http";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { isObject } from "../core/token.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { send } from "../wire/http.ts";
import { isLoopback } from "../wire/proxy.ts";
import type { Env } from "./inputs.ts";
import { readIfThere } from "./profile.ts";

/** Milliseconds; outside of AWS nobody answers at these addresses. */
const TIMEOUT = 1000;

/**
 * Credentials of a container: ECS, EKS Pod Identity, or an endpoint on this machine; null where there are none.
 * Source: AWS SDKs and Tools reference guide, "Container credential provider".
 *
 * @throws RolecallError `config` when the address is not one that may be given, or does not answer with keys
 */
export async function containerKeys(env: Env): Promise<AwsKeys | null> {
  const url = containerUrl(env);
  if (!url) return null;
  const authorization = authorizationOf(env);
  const headers = { accept: "application/json", ...(authorization ? { authorization } : {}) };
  // No proxy: these addresses are this machine's own.
  const { status, body } = await send({ method: "GET", url, headers, timeout: TIMEOUT * 5 }, {});
  const keys = status === 200 ? readKeys(body) : null;
  if (keys) return keys;
  throw new RolecallError("config", `${url.origin} gave no container credentials: it answered ${status}`);
}

const ECS = "http://169.254.170.2";
/** ECS, and EKS Pod Identity in both families of addresses. */
const HOSTS = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

function containerUrl(env: Env): URL | null {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = env;
  // Behind the address as it is: a path alone, which cannot lead to another host.
  if (relative?.startsWith("/")) return new URL(ECS + relative);
  if (relative) throw new RolecallError("config", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: expected a path");
  if (!full) return null;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url?.protocol === "https:") return url;
  if (url?.protocol === "http:" && (isLoopback(url.hostname) || HOSTS.includes(url.hostname))) return url;
  throw new RolecallError(
    "config",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI: expected https, or an address of this machine, ECS or EKS",
  );
}

function authorizationOf(env: Env): string | undefined {
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const text = file ? readIfThere(file)?.trim() : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  if (file && text === undefined)
    throw new RolecallError("config", `${file} is not there: expected the token of the container credentials`);
  // A line end would begin another header.
  if (text === undefined || !/[\r\n]/.test(text)) return text;
  throw new RolecallError("config", "the authorization token of the container credentials has a line end in it");
}

/**
 * Credentials of an EC2 instance, by version 2 of its metadata service; null where none answers.
 * Source: Amazon EC2 user guide, "Use the Instance Metadata Service to access instance metadata".
 */
export async function instanceKeys(env: Env): Promise<AwsKeys | null> {
  if (env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true") return null;
  const origin = env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254";
  if (!URL.canParse(origin)) throw new RolecallError("config", "AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL");
  const path = "/latest/meta-data/iam/security-credentials/";
  const token = await ask(origin, "PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "60" });
  if (token === null) return null;
  const headers = { "x-aws-ec2-metadata-token": token };
  const role = (await ask(origin, "GET", path, headers))?.split("\n")[0]?.trim();
  return role ? readKeys((await ask(origin, "GET", path + encodeURIComponent(role), headers)) ?? "") : null;
}

/** One question, past every proxy: the address is the machine's own. */
function ask(origin: string, method: string, path: string, headers: Readonly<Record<string, string>>) {
  return new Promise<string | null>((resolve) => {
    const request = http.request(
      new URL(path, origin),
      { method, headers, agent: false, timeout: TIMEOUT },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve(answer.statusCode === 200 ? Buffer.concat(parts).toString("utf8") : null));
        answer.on("error", () => resolve(null));
      },
    );
    request
      .on("timeout", () => request.destroy())
      .on("error", () => resolve(null))
      .end();
  });
}

/** The JSON of both services, and of a credential_process; null when it is none. */
export function readKeys(text: string): AwsKeys | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return null;
    const { AccessKeyId: accessKeyId, SecretAccessKey: secret, SessionToken, Token = SessionToken } = value;
    if (typeof accessKeyId !== "string" || typeof secret !== "string") return null;
    return {
      accessKeyId,
      secretAccessKey: new Secret(secret),
      ...(typeof Token === "string" && Token !== "" ? { sessionToken: new Secret(Token) } : {}),
    };
  } catch {
    return null;
  }
}
