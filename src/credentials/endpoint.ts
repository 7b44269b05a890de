import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Credentials } from "../core/credentials.ts";
import { isRolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";

/** Where SDKs ask for credentials: what AWS_CONTAINER_CREDENTIALS_FULL_URI and _AUTHORIZATION_TOKEN hold. */
export interface CredentialsEndpoint {
  readonly url: string;
  readonly authorization: Secret;
  readonly close: () => Promise<void>;
}

/**
 * Serves credentials to this machine's own processes, as the agent of a container does. Who asks must know the path
 * and the token, both random, and must call it by its address: a page in a browser, or a name that was made to
 * resolve to 127.0.0.1, is refused.
 *
 * Source: AWS SDKs and Tools reference guide, container credential provider.
 *
 * @param credentials gives good ones at any time; what it throws is told to who asks
 */
export async function startEndpoint(credentials: () => Promise<Credentials>): Promise<CredentialsEndpoint> {
  const path = `/${randomBytes(16).toString("hex")}`;
  const authorization = randomBytes(32).toString("base64url");
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const isOurs = whoMayAsk({ host, path, authorization });
  server.on("request", (request, response) => {
    void answer(isOurs(request), credentials).then(({ status, body }) => reply(response, status, body));
  });
  return {
    url: `http://${host}${path}`,
    authorization: new Secret(authorization),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Door {
  readonly host: string;
  readonly path: string;
  readonly authorization: string;
}

function whoMayAsk({ host, path, authorization }: Door): (request: IncomingMessage) => boolean {
  const wanted = digest([host, path, authorization]);
  return ({ method, url, headers }) => {
    const got = digest([headers.host ?? "", url ?? "", headers.authorization ?? ""]);
    // All at once and in constant time: an answer tells nothing of which part was wrong, nor where.
    return timingSafeEqual(got, wanted) && method === "GET";
  };
}

function digest(parts: readonly string[]): Buffer {
  return createHash("sha256").update(JSON.stringify(parts)).digest();
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

async function answer(isOurs: boolean, credentials: () => Promise<Credentials>): Promise<Answer> {
  if (!isOurs) return failure(403, "AccessDenied", "expected the address and the authorization token of this endpoint");
  try {
    return { status: 200, body: fieldsOf(await credentials()) };
  } catch (error) {
    return explain(error);
  }
}

function fieldsOf({ accessKeyId, secretAccessKey, sessionToken, expiration, role }: Credentials): Answer["body"] {
  return {
    RoleArn: role,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey.reveal(),
    Token: sessionToken.reveal(),
    Expiration: expiration.toISOString(),
  };
}

/** A code of our errors, in AWS's words, and the status by which an SDK knows whether to try again. */
const CODES: Readonly<Record<string, readonly [status: number, code: string]>> = {
  "no-token": [400, "ExpiredToken"],
  refused: [400, "AccessDenied"],
  unavailable: [503, "ServiceUnavailable"],
};

function explain(error: unknown): Answer {
  if (!isRolecallError(error)) return failure(500, "InternalFailure", "a defect of rolecall");
  const [status, code] = CODES[error.code] ?? [400, "ValidationError"];
  return failure(status, code, [error.message, ...error.hints.slice(0, 1)].join("; "));
}

/** The AWS CLI shows the body as it is; the SDK for JavaScript reads the fields with a capital. */
function failure(status: number, code: string, message: string): Answer {
  return { status, body: { code, message, Code: code, Message: message } };
}

function reply(response: ServerResponse, status: number, body: Answer["body"]): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
