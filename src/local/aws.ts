import { setTimeout } from "node:timers/promises";

import { answerXml, errorXml, parseQuery, type QueryFields, resultXml } from "../wire/query.ts";
import { authenticate } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { headerOf, type LocalRequest, type LocalResponse, xml } from "./http.ts";
import { type Answer, type Operation, type Origin, SELF } from "./operation.ts";
import { jsonError, jsonResult, wantsJson } from "./json-answers.ts";
import type { Principal } from "./principal.ts";
import { answerOther } from "./other-services.ts";
import { randomUuid } from "./random.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { regionOf, type Service, serviceOf } from "./services.ts";
import type { World } from "./world.ts";

/**
 * Answers a call to AWS, whatever it is. Here and below it, what need not wait is answered at once: ten promises and
 * their turns cost as much as the decision.
 */
export function answerAws(request: LocalRequest, world: World): LocalResponse | Promise<LocalResponse> {
  const { slow } = world.weather.settings;
  return slow > 0 ? setTimeout(slow).then(() => answerCall(request, world)) : answerCall(request, world);
}

function answerCall(request: LocalRequest, world: World): LocalResponse | Promise<LocalResponse> {
  const requestId = randomUuid();
  const fields = parseQuery(request.query === "" ? formBody(request) : `${request.query}&${formBody(request)}`);
  const service = serviceOf(request, fields);
  const strike = world.weather.strike();
  if (!service) return answerOther({ request, fields, world, requestId, strike });
  const form = wantsJson(request) ? "json" : "xml";
  if (strike) return renderRefusal(service.xmlns, strike, requestId, form);
  const { Action: action, Version: version } = fields;
  // Measured at STS: a call that names no action is led to the product's page.
  if (typeof action !== "string") return redirect(request, requestId);
  const operation = version === service.version ? operationOf(service, action) : null;
  if (!operation) return unknownAction(action, version, requestId, form);
  const before = world.store.iam;
  const finish = (answer: Answer): LocalResponse | Promise<LocalResponse> => {
    world.weather.noteWrite(before, world.store.iam, world.now());
    const response = (): LocalResponse => render(service, action, answer, requestId, form);
    return world.store.isSaved ? response() : world.store.saved().then(response);
  };
  const answer = perform({ service, action, operation, fields, request, world, requestId });
  return answer instanceof Promise ? answer.then(finish) : finish(answer);
}

// Measured at STS: a body of another content type is not looked at.
function formBody(request: LocalRequest): string {
  const type = headerOf(request, "content-type") ?? "";
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) ? textOf(request.body) : "";
}

function textOf(body: Uint8Array): string {
  return (Buffer.isBuffer(body) ? body : Buffer.from(body)).toString();
}

function redirect({ query }: LocalRequest, requestId: string): LocalResponse {
  const location = `https://aws.amazon.com/iam${query === "" ? "" : `?${query}`}`;
  return { status: 302, headers: { location, "x-amzn-requestid": requestId }, body: "" };
}

function operationOf({ operations }: Service, action: string): Operation | null {
  return Object.hasOwn(operations, action) ? (operations[action] ?? null) : null;
}

// Measured at STS, the namespace included.
const FAULT = "http://webservices.amazon.com/AWSFault/2005-15-09";

function unknownAction(
  action: string,
  version: QueryFields[string] | undefined,
  requestId: string,
  form: Form,
): LocalResponse {
  const named = typeof version === "string" ? version : "NO_VERSION_SPECIFIED";
  const message = `Could not find operation ${action} for version ${named}`;
  return renderRefusal(FAULT, refuse(400, "InvalidAction", message), requestId, form);
}

interface Performance {
  readonly service: Service;
  readonly action: string;
  readonly operation: Operation;
  readonly fields: QueryFields;
  readonly request: LocalRequest;
  readonly world: World;
  readonly requestId: string;
}

/** Signature, then parameters, then permission, then the act itself. */
function perform(performance: Performance): Answer | Promise<Answer> {
  const { service, action, operation, fields, request, world, requestId } = performance;
  const signer = operation.signed ? authenticate(request, world) : null;
  if (signer?.kind === "refused") return signer;
  const origin: Origin = {
    requestId,
    sourceIp: request.remoteAddress,
    userAgent: headerOf(request, "user-agent"),
    host: headerOf(request, "host"),
    region: signer?.region ?? regionOf(headerOf(request, "host")) ?? "us-east-1",
  };
  const prepared = operation.prepare(fields, service.style, world, origin);
  if (prepared.kind === "refused") return prepared;
  const resource = prepared.resource === SELF ? (signer?.principal.arn ?? null) : prepared.resource;
  if (!signer) return prepared.run(null);
  const { principal } = signer;
  const limit = limitOf(principal, service.id, action);
  if (limit) return limit;
  const { region, sourceIp } = origin;
  const call = { action: `${service.id}:${action}`, region, sourceIp, now: world.now(), principal };
  const refusal = resource === null ? null : authorize({ ...call, resource }, world.store.iam);
  return refusal ?? prepared.run(principal);
}

const OPEN_TO_SESSIONS = new Set([
  "AssumeRole",
  "GetCallerIdentity",
  "GetFederationToken",
  "GetScopedCredentials",
  "GetSessionToken",
  "GetWebIdentityToken",
]);
// The last one says itself that it is not for them (recorded, 2026-09).
const OPEN_TO_FEDERATED = new Set(["GetCallerIdentity", "GetScopedCredentials", "GetWebIdentityToken"]);

// STS API reference, GetSessionToken: no IAM call without MFA, and of STS only AssumeRole and GetCallerIdentity
// (recorded: GetWebIdentityToken, too); GetFederationToken: no IAM call, and of STS GetCallerIdentity alone. The texts are unverified.
function limitOf(principal: Principal, service: string, action: string): Refusal | null {
  if (principal.kind !== "user" || !principal.temporary) return null;
  if (service === "iam" && principal.mfaAt !== undefined) return null;
  if (service === "iam")
    return refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid");
  if ((principal.federated ? OPEN_TO_FEDERATED : OPEN_TO_SESSIONS).has(action)) return null;
  return refuse(403, "AccessDenied", `Cannot call ${action} with session credentials`);
}

/** How an answer is written. */
type Form = "xml" | "json";

function render(service: Service, action: string, answer: Answer, requestId: string, form: Form): LocalResponse {
  if (answer.kind === "refused") return renderRefusal(service.xmlns, answer, requestId, form);
  if (form === "json") {
    return jsonResult(action, answer.kind === "rendered" ? answer.fields() : answer.result, requestId);
  }
  const body =
    answer.kind === "rendered"
      ? answerXml(action, service.xmlns, answer.xml, requestId)
      : resultXml(action, service.xmlns, answer.result, requestId);
  return xml(200, body, requestId);
}

function renderRefusal(xmlns: string, refusal: Refusal, requestId: string, form: Form = "xml"): LocalResponse {
  if (form === "json") return jsonError(refusal, requestId);
  const { status, code, message } = refusal;
  const type = status < 500 ? "Sender" : "Receiver";
  return xml(status, errorXml(xmlns, { code, message, type }, requestId), requestId);
}

/** The answer when something in this cloud broke. The text is AWS's; the cause is for whoever runs it. */
export function internalFailure(): LocalResponse {
  const message = "The request processing has failed because of an unknown error, exception or failure.";
  return renderRefusal(FAULT, refuse(500, "InternalFailure", message), randomUuid());
}
