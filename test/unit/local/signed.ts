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

/** Sends a signed request to any service. */
export async function signed(
  cloud: Pick<LocalCloud, "endpoint" | "admin">,
  service: string,
  request: UnsignedRequest,
  keys: Keys = cloud.admin,
): Promise<Reply> {
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
  return send(cloud.endpoint, { method, path: target, headers: sent.headers, body });
}
