import { RolecallError } from "../core/errors.ts";
import { isObject, type Json } from "../core/token.ts";
import { encodeQuery, parseQuery, type QueryInput } from "../wire/query.ts";
import { answerAws } from "./aws.ts";
import { holdsKey } from "./console-guard.ts";
import { headerOf, json, type LocalRequest, type LocalResponse } from "./http.ts";
import { IAM } from "./iam.ts";
import { documentInForce, findManaged } from "./managed-policies.ts";
import { parseMintRequest } from "./mint-request.ts";
import type { Answer } from "./operation.ts";
import { randomUuid } from "./random.ts";
import type { RoleRecord } from "./records.ts";
import { SERVICES } from "./services.ts";
import type { World } from "./world.ts";

type Route = (request: LocalRequest, world: World) => LocalResponse | Promise<LocalResponse>;

/** What the console asks for. It is the account's own business, so each of these wants the key, whoever asks. */
export const CONSOLE_ROUTES: Readonly<Record<string, Route>> = {
  "GET console/account": keyed((_, world) => json(200, accountOf(world))),
  "POST console/iam": keyed(async (request, world) => {
    const { action, parameters } = parseChange(parseJson(request));
    return answerOf(await perform(action, parameters, world));
  }),
  "POST console/exchange": keyed(tryExchange),
};

function keyed(route: Route): Route {
  return (request, world) =>
    holdsKey(request, world.consoleKey)
      ? route(request, world)
      : json(403, { error: "expected the key that the console was opened with", hints: [] });
}

/** Providers and roles as the console shows them: no keys, no users, nothing that signs. */
function accountOf({ store, issuers, stsTexts, now }: World): object {
  const { iam, identity } = store;
  return {
    account: identity.account,
    stsTexts,
    now: now(),
    issuers: issuers.list(),
    providers: [...iam.providers.values()].map(({ arn, url, audiences, created }) => ({
      arn,
      url,
      audiences,
      created,
    })),
    roles: [...iam.roles.values()].map((role) => roleOf(role, iam)),
  };
}

function roleOf(role: RoleRecord, iam: World["store"]["iam"]): object {
  const { arn, name, description, maxSessionDuration, trust, inline, attached, boundary, created } = role;
  return {
    arn,
    name,
    description: description ?? null,
    maxSessionDuration,
    trust,
    inline,
    attached: attached.map((policy) => {
      const record = findManaged(iam, policy);
      return { arn: policy, document: record ? documentInForce(record) : null };
    }),
    boundary: boundary ?? null,
    created,
  };
}

/** The changes that the console makes: what its example is made of, and what mends a refusal. */
const CHANGES = [
  "CreateOpenIDConnectProvider",
  "AddClientIDToOpenIDConnectProvider",
  "CreateRole",
  "PutRolePolicy",
  "UpdateAssumeRolePolicy",
];

function parseChange(body: Json): { readonly action: string; readonly parameters: { readonly [name: string]: Json } } {
  const { action, parameters } = isObject(body) ? body : {};
  if (typeof action !== "string" || !CHANGES.includes(action))
    throw new RolecallError(
      "usage",
      `action: expected ${CHANGES.join(", ")}, got ${action === undefined ? "nothing" : JSON.stringify(action)}`,
    );
  if (!isObject(parameters)) throw new RolecallError("usage", "parameters: expected an object");
  return { action, parameters };
}

/** Checks the parameters as IAM does. Nobody signs: the key stands for the admin. */
async function perform(action: string, parameters: { readonly [name: string]: Json }, world: World): Promise<Answer> {
  const service = SERVICES.find(({ operations }) => operations === IAM);
  const operation = IAM[action];
  if (!service || !operation) throw new RolecallError("unexpected", `IAM has no ${action} here`);
  const requestId = randomUuid();
  const origin = { requestId, sourceIp: "127.0.0.1", userAgent: AGENT, region: "us-east-1", host: undefined };
  const fields = parseQuery(encodeQuery(parameters as { readonly [name: string]: QueryInput }));
  const prepared = operation.prepare(fields, service.style, world, origin);
  if (prepared.kind === "refused") return prepared;
  const before = world.store.iam;
  const answer = await prepared.run(null);
  world.weather.noteWrite(before, world.store.iam, world.now());
  await world.store.saved();
  return answer;
}

const AGENT = "rolecall-console";

function answerOf(answer: Answer): LocalResponse {
  if (answer.kind !== "refused") return json(200, { status: "ok" });
  return json(answer.status, { error: `${answer.code}: ${answer.message ?? ""}`, hints: [] });
}

/**
 * A pretended job's exchange, through the same door as every other. The page hears which exchange it was; token and
 * credentials stay here.
 */
async function tryExchange(request: LocalRequest, world: World): Promise<LocalResponse> {
  const body = parseJson(request);
  const { job, roleArn, sessionName, duration } = isObject(body) ? body : {};
  if (typeof roleArn !== "string" || typeof sessionName !== "string")
    throw new RolecallError("usage", "roleArn and sessionName: expected text");
  if (duration !== undefined && typeof duration !== "number")
    throw new RolecallError("usage", "duration: expected seconds");
  const { token } = await world.issuers.mint(parseMintRequest(job ?? null));
  const call = encodeQuery({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: duration,
    WebIdentityToken: token,
  });
  const answer = await answerAws(
    {
      method: "POST",
      path: "/",
      query: "",
      headers: [
        ["host", headerOf(request, "host") ?? ""],
        ["content-type", "application/x-www-form-urlencoded"],
        ["user-agent", AGENT],
      ],
      body: Buffer.from(call),
      remoteAddress: request.remoteAddress,
    },
    world,
  );
  return json(200, { requestId: answer.headers["x-amzn-requestid"] ?? null, status: answer.status });
}

function parseJson({ body }: LocalRequest): Json {
  try {
    return JSON.parse(Buffer.from(body).toString()) as Json;
  } catch {
    // What a body that is not JSON means, the reader of the request says best.
    return null;
  }
}
