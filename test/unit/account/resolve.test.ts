import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";

import { resolveProject } from "../../../src/account/resolve.ts";
import { Secret } from "../../../src/core/secret.ts";

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A server that answers as a CI's API, and what it was asked. */
async function api(answer: RequestListener): Promise<{ readonly url: URL; readonly seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? "", headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api`), seen };
}

function json(body: unknown, status = 200): RequestListener {
  return (_, response) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const html: RequestListener = (_, response) => response.end("<html>");

// The fields of the published examples that count.
const GITHUB = { id: 74, full_name: "octo-org/octo-repo", owner: { login: "octo-org", id: 65 } };
const GITLAB = { id: 20, path_with_namespace: "acme/team/shop", namespace: { id: 72, full_path: "acme/team" } };

describe("a project's ids", () => {
  it("are asked of GitHub", async () => {
    const { url, seen } = await api(json(GITHUB));
    const found = await resolveProject("github", "octo-org/octo-repo", { url, token: new Secret("s3cr3t") }, {});
    expect(found.ids).toEqual({ repository_id: "74", repository_owner_id: "65" });
    expect(seen.map(({ url: path, headers }) => [path, headers.authorization])).toEqual([
      ["/api/repos/octo-org/octo-repo", "Bearer s3cr3t"],
    ]);
  });

  it("are asked of GitLab, with the path's slashes encoded", async () => {
    const { url, seen } = await api(json(GITLAB));
    const found = await resolveProject("gitlab", "acme/team/shop", { url, token: null }, {});
    expect(found.ids).toEqual({ project_id: "20", namespace_id: "72" });
    expect(seen.map(({ url: path, headers }) => [path, headers["private-token"]])).toEqual([
      ["/api/projects/acme%2Fteam%2Fshop", undefined],
    ]);
  });

  it("are not taken of a project that is written otherwise, since subjects are compared letter by letter", async () => {
    const { url } = await api(json(GITHUB));
    await expect(resolveProject("github", "Octo-Org/octo-repo", { url, token: null }, {})).rejects.toThrowWithCode(
      "config",
      /expected the project as 127\.0\.0\.1:\d+ writes it, octo-org\/octo-repo, got Octo-Org\/octo-repo/,
    );
  });

  it.each([
    ["is not shown", json({ message: "Not Found" }, 404), "config", /shows no project octo-org\/octo-repo \(404\)/],
    ["needs a better token", json({}, 401), "config", /shows no project octo-org\/octo-repo \(401\)/],
    ["has no ids", json({ ...GITHUB, id: "74" }), "unavailable", /expected a project with its ids, got something else/],
    ["is a list", json([]), "unavailable", /got something else/],
    ["is a web page", html, "unavailable", /got something else/],
    ["is not told", json({}, 503), "unavailable", /answered 503/],
  ] as const)("are not made up of an answer that %s", async (_, answer, code, message) => {
    const { url } = await api(answer);
    await expect(
      resolveProject("github", "octo-org/octo-repo", { url, token: new Secret("s3cr3t") }, {}),
    ).rejects.toThrowWithCode(code, message);
  });

  it("are not looked for elsewhere when the API points there, so that no token goes there", async () => {
    const other = await api(json(GITHUB));
    const { url } = await api((_, response) => response.writeHead(301, { location: other.url.href }).end());
    await expect(
      resolveProject("github", "octo-org/octo-repo", { url, token: new Secret("s3cr3t") }, {}),
    ).rejects.toThrowWithCode("config", /octo-org\/octo-repo has moved/);
    expect(other.seen).toEqual([]);
  });

  it("are not asked over plain http, where a token would be anybody's", async () => {
    const url = new URL("http://api.example.com");
    await expect(resolveProject("github", "o/r", { url, token: new Secret("x") }, {})).rejects.toThrowWithCode(
      "usage",
      /expected the API's address to begin with https:\/\//,
    );
  });

  it("are there for GitHub and GitLab alone", async () => {
    const url = new URL("https://jenkins.example.com");
    await expect(resolveProject("jenkins", "o/r", { url, token: null }, {})).rejects.toThrowWithCode(
      "usage",
      /github or gitlab/,
    );
  });
});
