import { randomUUID } from "node:crypto";

import { errorXml, parseQuery, type QueryFields, resultXml } from "../wire/query.ts";
import { authenticate } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { headerOf, type LocalRequest, type LocalResponse, xml } from "./http.ts";
import type { Answer, Operation, Origin } from "./operation.ts";
import { answerOther } from "./other-services.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { regionOf, type Service, serviceOf } from "./services.ts";
import type { World } from "./world.ts";

/** Answers a call to AWS, whatever it is. */
export async function answerAws(request: LocalRequest, world: World): Promise<LocalResponse> {
  const requestId = randomUUID();
  const fields = parseQuery([request.query, formBody(request)].join("&"));
  const service = serviceOf(request, fields);
  if (!service) return answerOther(request, fields, world, requestId);
  const { Action: action, Version: version } = fields;
  // Measured at STS: a call that names no action is led to the product's page.
  if (typeof action !== "string") return redirect(request, requestId);
  const operation = version === service.version ? operationOf(service, action) : null;
  if (!operation) return unknownAction(action, version, requestId);
  const answer = await perform({ service, action, operation, fields, request, world, requestId });
  await world.store.saved();
  return render(service, action, answer, requestId);
}

// Measured at STS: a body of another content type is not looked at.
function formBody(request: LocalRequest): string {
  const type = headerOf(request, "content-type") ?? "";
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) ? Buffer.from(request.body).toString() : "";
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

function unknownAction(action: string, version: QueryFields[string] | undefined, requestId: string): LocalResponse {
  const named = typeof version === "string" ? version : "NO_VERSION_SPECIFIED";
  const message = `Could not find operation ${action} for version ${named}`;
  return xml(400, errorXml(FAULT, { code: "InvalidAction", message, type: "Sender" }, requestId), requestId);
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
async function perform(performance: Performance): Promise<Answer> {
  const { service, action, operation, fields, request, world, requestId } = performance;
  const signer = operation.signed ? authenticate(request, world) : null;
  if (signer?.kind === "refused") return signer;
  const origin: Origin = {
    requestId,
    sourceIp: request.remoteAddress,
    userAgent: headerOf(request, "user-agent"),
    region: signer?.region ?? regionOf(headerOf(request, "host")) ?? "us-east-1",
  };
  const prepared = operation.prepare(fields, service.style, world, origin);
  if (prepared.kind === "refused") return prepared;
  const { resource } = prepared;
  const { region, sourceIp } = origin;
  const call = { action: `${service.id}:${action}`, region, sourceIp, now: world.now() };
  const refusal = signer && resource !== null ? authorize({ ...call, principal: signer.principal, resource }) : null;
  return refusal ?? (await prepared.run(signer?.principal ?? null));
}

function render(service: Service, action: string, answer: Answer, requestId: string): LocalResponse {
  if (answer.kind === "result") return xml(200, resultXml(action, service.xmlns, answer.result, requestId), requestId);
  return renderRefusal(service.xmlns, answer, requestId);
}

function renderRefusal(xmlns: string, { status, code, message }: Refusal, requestId: string): LocalResponse {
  const type = status < 500 ? "Sender" : "Receiver";
  return xml(status, errorXml(xmlns, { code, message, type }, requestId), requestId);
}

/** The answer when something in this cloud broke. The text is AWS's; the cause is for whoever runs it. */
export function internalFailure(): LocalResponse {
  const message = "The request processing has failed because of an unknown error, exception or failure.";
  return renderRefusal(FAULT, refuse(500, "InternalFailure", message), randomUUID());
}
