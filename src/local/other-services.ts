import { randomUUID } from "node:crypto";

import type { QueryFields } from "../wire/query.ts";
import { claimedService } from "../wire/sigv4.ts";
import { authenticate } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { type CallName, nameCall } from "./call-name.ts";
import { answerEmpty } from "./empty-account.ts";
import { headerOf, type LocalRequest, type LocalResponse } from "./http.ts";
import { type ProtocolName, protocolOf, renderProtocolError } from "./protocols.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { forward } from "./upstream.ts";
import type { World } from "./world.ts";

/**
 * A call to a service that this cloud does not play. Who signs wrongly or may not do it hears so, in the service's
 * own protocol; everybody else is handed on to the upstream or, without one, answered as far as an empty account can.
 */
export async function answerOther(asked: OtherRequest): Promise<LocalResponse> {
  const { request, fields, requestId } = asked;
  const service = claimedService(request);
  const protocol = protocolOf(request, fields, service);
  const answer = asked.strike ?? (await answerCall({ ...asked, service: service ?? "this service", protocol }));
  return "kind" in answer ? renderProtocolError(protocol, answer, request, requestId) : answer;
}

interface OtherRequest {
  readonly request: LocalRequest;
  readonly fields: QueryFields;
  readonly world: World;
  readonly requestId: string;
  /** What the weather refuses it with. */
  readonly strike: Refusal | null;
}

interface OtherCall extends OtherRequest {
  readonly service: string;
  readonly protocol: ProtocolName;
}

async function answerCall(other: OtherCall): Promise<LocalResponse | Refusal> {
  const { request, fields, world, requestId, service, protocol } = other;
  const signer = authenticate(request, world);
  if (signer.kind === "refused") return signer;
  const { principal, region } = signer;
  const place = { region, account: world.store.identity.account };
  const name = nameCall(request, fields, service, place);
  const { action, resource } = name;
  const call = { principal, action, resource, region, sourceIp: request.remoteAddress, now: world.now() };
  const refusal = authorize(call, world.store.iam);
  if (refusal) return inWordsOf(protocol, name, refusal);
  if (world.upstream) return handOn(request, world.upstream);
  return (
    answerEmpty(name, place, requestId) ??
    refuse(
      501,
      "UnsupportedOperation",
      `rolecall's local cloud does not emulate ${service}, and no upstream is set that does; it has IAM and STS`,
    )
  );
}

async function handOn(request: LocalRequest, upstream: URL): Promise<LocalResponse | Refusal> {
  try {
    return await forward(request, upstream);
  } catch (error) {
    const why = error instanceof Error ? error.message || String("code" in error ? error.code : error.name) : "";
    return refuse(
      503,
      "ServiceUnavailable",
      `the upstream ${upstream.origin} of rolecall's local cloud failed: ${why}`,
    );
  }
}

/** A denial as the service words it: `*` is not told, S3 puts resources into quotes, EC2 has a sentence before it. */
function inWordsOf(protocol: ProtocolName, { service, resource }: CallName, refusal: Refusal): Refusal {
  const on = ` on resource: ${resource}`;
  const named = resource === "*" ? "" : service === "s3" ? ` on resource: "${resource}"` : on;
  const message = (refusal.message ?? "").replace(on, () => named);
  const prefix = protocol === "ec2" ? "You are not authorized to perform this operation. " : "";
  // The JSON protocols answer a denial with 400; REST and query with 403.
  return refuse(protocol === "json" ? 400 : 403, refusal.code, prefix + message);
}

/** A call whose body is too large to be held, refused in the shape of its own protocol. `largest`: bytes. */
export function refuseLargeBody(request: LocalRequest, largest: number): LocalResponse {
  const isForm = /^application\/x-www-form-urlencoded/i.test(headerOf(request, "content-type") ?? "");
  // What a form says is in the body, which was not kept; that it is a call of the query protocol is enough.
  const protocol = protocolOf(request, isForm ? { Action: "" } : {}, claimedService(request));
  const message = `the body has more than ${largest / 1024 / 1024} MB, the most that rolecall's local cloud takes`;
  return renderProtocolError(protocol, refuse(413, "RequestEntityTooLarge", message), request, randomUUID());
}
