import type { IncomingMessage, ServerResponse } from "node:http";
import { gitlab } from "../../../src/ci/gitlab.ts";
import type { Claims } from "../../../src/core/token.ts";
import { jwt } from "../core/example.ts";
import { bodyOf, serve } from "../wire/servers.ts";
import { NOW } from "./fake-io.ts";

export const ROLE = "arn:aws:iam::123456789012:role/shop-deploy";
export const AUDIENCE = "https://shop-deploy.test";
export const SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/** The claims of a job of acme/shop on main. */
export const CLAIMS: Claims = gitlab.pretend({
  project: "acme/shop",
  branch: "main",
  audience: AUDIENCE,
  issuedAt: NOW / 1000,
});

export const TOKEN = jwt(CLAIMS, { alg: "RS256", kid: "1" }, "c2lnbmF0dXJl");

/** The environment of that job, with these variables more. */
export function jobEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { ROLECALL_TOKEN: _, ...env } = gitlab.jobEnvironment(CLAIMS, TOKEN);
  return { PATH: process.env["PATH"] ?? "", ...env, OIDC_TOKEN: TOKEN, ...more };
}

/** The token of such a job that began just now by the real clock, which real processes have. */
export function tokenOfNow(): string {
  const now = Math.floor(Date.now() / 1000);
  return jwt({ ...CLAIMS, iat: now, nbf: now - 5, exp: now + 300 }, { alg: "RS256", kid: "1" }, "c2lnbmF0dXJl");
}

/** What STS answers when it gives a session. */
export const SESSION = `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/shop-deploy/SESSION</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>${SECRET_KEY}</SecretAccessKey>
<SessionToken>IQoJb3JpZ2luX2Vj==</SessionToken><Expiration>2026-11-23T13:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

export const DENIED = [
  403,
  `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error><RequestId>7-7</RequestId></ErrorResponse>`,
  "text/xml",
] as const;

export const LOGIN_PAGE = [200, "<!doctype html><title>Sign in</title>", "text/html"] as const;

export interface FakeSts {
  readonly url: string;
  /** The forms that it was sent. */
  readonly forms: URLSearchParams[];
}

/**
 * An STS on loopback that gives a session to everybody, or the answer that it is told to give.
 *
 * @param clock what its HTTP Date header says, in milliseconds
 */
export async function fakeSts(
  told?: readonly [status: number, body: string, type: string],
  clock: () => number = () => NOW,
): Promise<FakeSts> {
  const forms: URLSearchParams[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(request));
    forms.push(form);
    const [status, body, type] = told ?? [
      200,
      SESSION.replace("SESSION", form.get("RoleSessionName") ?? ""),
      "text/xml",
    ];
    response.writeHead(status, { "content-type": type, date: new Date(clock()).toUTCString() }).end(body);
  };
  const { origin } = await serve((request, response) => void answer(request, response));
  return { url: origin, forms };
}
