import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

// Answers in the shapes that the vendors document: GitLab docs, api/project_level_variables; GitHub docs,
// rest/actions/secrets and rest/actions/variables; CircleCI docs, API v2.

/** A value that nothing may keep, print or log. */
export const VALUE = ["wJalrXUtnFEMI", "K7MDENG", "nobodys-value"].join("/");

/** What a fake answers to a path with its query; a number is a status, with an error's body. */
type Answers = (path: string, request: IncomingMessage) => unknown;

export interface Fake {
  readonly address: string;
  readonly asked: () => readonly string[];
  readonly headers: () => readonly NodeJS.Dict<string | string[]>[];
}

export async function startFake(answers: Answers): Promise<Fake> {
  const asked: string[] = [];
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    headers.push(request.headers);
    const answer = answers(path, request);
    if (typeof answer === "number") response.writeHead(answer).end(JSON.stringify({ message: `${answer} ${VALUE}` }));
    else
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    headers: () => headers,
  };
}

export function gitlabVariable(key: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    variable_type: "env_var",
    key,
    value: VALUE,
    protected: false,
    masked: true,
    hidden: false,
    raw: false,
    environment_scope: "*",
    description: null,
    ...more,
  };
}

export function githubList(list: string, names: readonly string[], total = names.length): unknown {
  const times = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
  const items = names.map((name) => ({ name, ...(list === "variables" ? { value: VALUE } : {}), ...times }));
  return { total_count: total, [list]: items };
}
