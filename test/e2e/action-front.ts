import http from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A call of STS as it came by. */
export type Call = ReadonlyMap<string, string>;

export type OwnAnswer =
  | { readonly kind: "error"; readonly status: number; readonly code: string }
  | { readonly kind: "session"; readonly secret: string }
  | { readonly kind: "identity"; readonly account: string }
  | { readonly kind: "silence" }
  /** The cloud's own. */
  | { readonly kind: "pass" };

export interface Front {
  readonly url: string;
  readonly calls: Call[];
  /** Paths that were read, queries left out. */
  readonly reads: string[];
  /** Answers in place of the cloud's, first one first. */
  readonly answers: OwnAnswer[];
}

/** Stands before a local cloud: keeps what is asked, and may answer by itself first. */
export async function startFront(target: string): Promise<Front> {
  const calls: Call[] = [];
  const reads: string[] = [];
  const answers: Front["answers"] = [];
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      const isCall = request.method === "POST";
      if (isCall) calls.push(new Map(new URLSearchParams(body.toString())));
      else reads.push((request.url ?? "").replace(/\?.*/, ""));
      const own = isCall ? answers.shift() : undefined;
      if (own?.kind === "silence") return;
      if (own && own.kind !== "pass") {
        response.writeHead(own.kind === "error" ? own.status : 200, { "content-type": "text/xml" }).end(xmlOf(own));
        return;
      }
      const { method, url, headers } = request;
      const outgoing = http.request(new URL(url ?? "/", target), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.on("error", () => response.destroy()).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, reads, answers };
}

function xmlOf(own: Exclude<OwnAnswer, { kind: "silence" | "pass" }>): string {
  if (own.kind === "error") return `<ErrorResponse><Error><Code>${own.code}</Code></Error></ErrorResponse>`;
  const fields = own.kind === "identity" ? identityOf(own.account) : sessionOf(own.secret);
  return Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("");
}

function identityOf(account: string) {
  return { Account: account, Arn: `arn:aws:sts::${account}:assumed-role/other/session` };
}

function sessionOf(secret: string) {
  return {
    AccessKeyId: "ASIAEXAMPLE",
    SecretAccessKey: secret,
    SessionToken: "token",
    Expiration: "2099-01-01T00:00:00Z",
  };
}

/** The calls of one action of STS. */
export function callsOf({ calls }: Front, action: string): readonly Call[] {
  return calls.filter((call) => call.get("Action") === action);
}
