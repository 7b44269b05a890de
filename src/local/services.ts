import { claimedService } from "../wire/sigv4.ts";
import type { QueryFields } from "../wire/query.ts";
import { headerOf, type LocalRequest } from "./http.ts";
import { IAM } from "./iam.ts";
import type { Operations } from "./operation.ts";
import type { Style } from "./parameters.ts";
import { STS } from "./sts.ts";

/** A service that this cloud plays. */
export interface Service {
  /** As in credential scopes and action names. */
  readonly id: string;
  readonly version: string;
  readonly xmlns: string;
  readonly style: Style;
  readonly operations: Operations;
}

export const SERVICES: readonly Service[] = [
  {
    id: "sts",
    version: "2011-06-15",
    xmlns: "https://sts.amazonaws.com/doc/2011-06-15/",
    style: { repeatsValues: true, patternFirst: true },
    operations: STS,
  },
  {
    id: "iam",
    version: "2010-05-08",
    xmlns: "https://iam.amazonaws.com/doc/2010-05-08/",
    style: { repeatsValues: false, patternFirst: false },
    operations: IAM,
  },
];

/**
 * Which service a call is for; null when it is one that this cloud does not play. A signed call says
 * so itself, another by its host, else by version or action.
 */
export function serviceOf(request: LocalRequest, fields: QueryFields): Service | null {
  const scope = claimedService(request);
  if (scope !== null) return SERVICES.find(({ id }) => id === scope) ?? null;
  const [first] = /^[^.-]*/.exec(headerOf(request, "host") ?? "") ?? [];
  const named = SERVICES.find(({ id }) => id === first);
  if (named) return named;
  const { Action: action, Version: version } = fields;
  if (typeof action !== "string") return null;
  const fitting =
    SERVICES.find((service) => service.version === version) ??
    SERVICES.find(({ operations }) => Object.hasOwn(operations, action));
  return fitting ?? SERVICES[0] ?? null;
}

/** The region in a host name such as `sts.eu-central-1.amazonaws.com`. */
export function regionOf(host: string | undefined): string | null {
  return /^[a-z0-9-]+\.([a-z]{2,5}(?:-[a-z]+)+-\d{1,2})\.(?:amazonaws|api)\./.exec(host ?? "")?.[1] ?? null;
}
