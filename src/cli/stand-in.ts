import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { dirname } from "node:path";
import type { TokenRequest } from "../ci/ci.ts";
import { Secret } from "../core/secret.ts";
import { isObject } from "../core/token.ts";
import { requestToken } from "../wire/token-request.ts";

/**
 * Writes a stand-in for the command by which jobs of a CI ask for ID tokens (`circleci run oidc get`,
 * `buildkite-agent oidc request-token`): its options go to the local cloud as they are.
 */
export async function writeStandIn(path: string, request: TokenRequest): Promise<void> {
  await writeFile(path, `#!${process.execPath}\nconst request = ${JSON.stringify(request)};\n${PROGRAM}`, {
    mode: 0o700,
  });
}

// CommonJS, since the file has no extension.
const PROGRAM = String.raw`
const { argv } = process;
if (!/^(run oidc get|oidc request-token)( |$)/.test(argv.slice(2).join(" "))) {
  console.error("this stand-in of rolecall job only makes ID tokens");
  process.exit(2);
}
const url = new URL(request.url);
for (let at = 2; at < argv.length; at++) {
  const [, name, value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(argv[at]) ?? [];
  if (name && value !== undefined) url.searchParams.set(name, value);
  else if (name && at + 1 < argv.length && !argv[at + 1].startsWith("--")) url.searchParams.set(name, argv[++at]);
}
require("node:http")
  .get(url, { headers: { authorization: "Bearer " + request.bearer } }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part) => (text += part));
    answer.on("end", () => {
      const { value, error } = JSON.parse(text);
      if (value) process.stdout.write(value + "\n");
      else console.error(error);
      process.exitCode = value ? 0 : 1;
    });
  })
  .on("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
`;

/**
 * Listens where jobs of a CI ask for ID tokens on a Unix socket (Fly.io: `POST /v1/tokens/oidc` with `{"aud":"…"}`,
 * answered with the token alone), and has the local cloud make them.
 */
export async function serveStandIn(path: string, request: TokenRequest): Promise<{ close(): Promise<void> }> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const server = createServer((asked, answer) => {
    tokenFor(asked, request).then(
      (token) => answer.writeHead(token === null ? 404 : 200, { "content-type": "text/plain" }).end(token ?? ""),
      (error: unknown) => answer.writeHead(400).end(error instanceof Error ? error.message : "no token"),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(path, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function tokenFor(asked: IncomingMessage, { url, bearer }: TokenRequest): Promise<string | null> {
  if (asked.method !== "POST" || asked.url !== "/v1/tokens/oidc") return null;
  let text = "";
  for await (const part of asked.setEncoding("utf8")) text += String(part);
  const body: unknown = text === "" ? {} : JSON.parse(text);
  const audience = isObject(body) ? body["aud"] : undefined;
  return requestToken({ url, bearer: new Secret(bearer), ...(typeof audience === "string" ? { audience } : {}) }, {});
}
