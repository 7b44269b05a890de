import { SignatureV4 } from "@smithy/signature-v4";

import type { LocalCloud } from "../../../src/local/index.ts";
import { Sha256 } from "./sha256.ts";
import { type Reply, send } from "./support.ts";

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface UnsignedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends a signed request to any service; `more` are headers that the signature does not cover. */
export async function signed(
  cloud: Pick<LocalCloud, "endpoint" | "admin">,
  service: string,
  request: UnsignedRequest,
  keys: Keys = cloud.admin,
  more: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const headers = { ...(await signedHeaders(cloud, service, request, keys)), ...more };
  const { method = "GET", path = "/", body = "" } = request;
  return send(cloud.endpoint, { method, path, headers, body });
}

/** The headers of a signed request. */
export async function signedHeaders(
  cloud: Pick<LocalCloud, "endpoint" | "admin">,
  service: string,
  request: UnsignedRequest,
  keys: Keys = cloud.admin,
): Promise<Record<string, string>> {
  const { method = "GET", path: target = "/", headers = {}, body = "" } = request;
  const { host } = new URL(cloud.endpoint);
  const [path = "/", question = ""] = target.split("?");
  const signer = new SignatureV4({
    service,
    region: "us-east-1",
    credentials: { ...keys },
    sha256: Sha256,
    uriEscapePath: service !== "s3",
  });
  const query = Object.fromEntries(new URLSearchParams(question));
  const sent = await signer.sign({
    method,
    protocol: "http:",
    hostname: host,
    path,
    query,
    headers: { host, ...headers },
    body,
  });
  return sent.headers;
}
