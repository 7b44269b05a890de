import { describe, expect, it } from "vitest";

import { textClaim, parseToken } from "../../../src/core/token.ts";
import { send, startCloud } from "./support.ts";

interface Job {
  readonly url: string;
  readonly bearer: string;
}

/** A job of the CI, as `rolecall job` has it made. */
async function jobOf(ci: string, project: string): Promise<Job> {
  const { endpoint } = await startCloud();
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ ci, project, audience: "x" });
  const reply = await send(endpoint, { method: "POST", path: "/_rolecall/mint", headers, body });
  const { tokenUrl: url = "", tokenBearer: bearer = "" } = JSON.parse(reply.body) as Record<string, string>;
  return { url, bearer };
}

async function ask(method: string, url: string, authorization: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { method, headers: { authorization } });
  return { status: response.status, body: await response.json() };
}

function claim(body: unknown, field: string, name: string): string | undefined {
  const token = (body as Record<string, string>)[field] ?? "";
  return textClaim(parseToken(token, field).claims, name) ?? undefined;
}

describe("the token endpoint of an Azure job", () => {
  it("takes a POST, gives the token as oidcToken alone, and nobody chooses its audience", async () => {
    const { url, bearer } = await jobOf("azure", "acme/shop/deploy");
    const { status, body } = await ask("POST", `${url}&api-version=7.1`, `Bearer ${bearer}`);
    expect({ status, fields: Object.keys(body as object) }).toEqual({ status: 200, fields: ["oidcToken"] });
    expect(claim(body, "oidcToken", "sub")).toBe("p://acme/shop/deploy");
    expect(claim(body, "oidcToken", "aud")).toBe("api://AzureADTokenExchange");
  });

  it("gives a service connection's token for its id", async () => {
    const { url, bearer } = await jobOf("azure", "acme/shop/deploy");
    const { body } = await ask("POST", `${url}&api-version=7.1&serviceConnectionId=c-1`, `Bearer ${bearer}`);
    expect(claim(body, "oidcToken", "sub")).toBe("sc://acme/shop/c-1");
  });

  it("takes no GET, as Azure DevOps does not", async () => {
    const { url, bearer } = await jobOf("azure", "acme/shop/deploy");
    expect(await ask("GET", url, `Bearer ${bearer}`)).toMatchObject({ status: 405 });
  });
});

describe("the token endpoint of a Codefresh step", () => {
  it("takes the bare token, and gives one for the audience in the query as id_token", async () => {
    const { url, bearer } = await jobOf("codefresh", "a/p");
    const { status, body } = await ask("GET", `${url}&audience=aws`, bearer);
    expect({ status, fields: Object.keys(body as object) }).toEqual({ status: 200, fields: ["id_token"] });
    expect(claim(body, "id_token", "aud")).toBe("aws");
  });

  it("takes no Bearer, and the bare token of no other CI", async () => {
    const codefresh = await jobOf("codefresh", "a/p");
    expect(await ask("GET", codefresh.url, `Bearer ${codefresh.bearer}`)).toMatchObject({ status: 401 });
    const github = await jobOf("github", "a/p");
    expect(await ask("GET", github.url, github.bearer)).toMatchObject({ status: 401 });
    expect(await ask("POST", github.url, `Bearer ${github.bearer}`)).toMatchObject({ status: 405 });
  });
});
