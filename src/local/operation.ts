import type { QueryFields, XmlFields } from "../wire/query.ts";
import { readParameters, type Shape, type Style, type Values } from "./parameters.ts";
import type { Principal } from "./principal.ts";
import type { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * What a call is answered with; `result` null for calls that answer nothing. A busy call renders its own, and gives the
 * fields to whoever wants another form.
 */
export type Answer =
  | { readonly kind: "result"; readonly result: XmlFields | null }
  | { readonly kind: "rendered"; readonly xml: string; readonly fields: () => XmlFields }
  | Refusal;

export function result(fields: XmlFields | null = null): Answer {
  return { kind: "result", result: fields };
}

/** Where a call came from. */
export interface Origin {
  readonly requestId: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly region: string;
  /** The Host header. */
  readonly host: string | undefined;
}

export interface Call<V> {
  readonly values: V;
  readonly world: World;
  readonly origin: Origin;
  /** null where {@link Access} is `nobody`. */
  readonly principal: Principal | null;
}

/** In place of a resource: whoever calls. */
export const SELF = "self";

/** Who may call: somebody permitted for a resource, anybody who signs, or anybody. */
export type Access<V> = ((values: V, world: World) => string) | "signer" | "nobody";

export interface Definition<S extends Shape> {
  readonly parameters: S;
  readonly access: Access<Values<S>>;
  readonly run: (call: Call<Values<S>>) => Answer | Promise<Answer>;
}

/** A call whose parameters have been read. */
export interface Prepared {
  readonly kind: "prepared";
  /** ARN that the call is authorised for, or {@link SELF}; null where the signature alone is enough. */
  readonly resource: string | null;
  readonly run: (principal: Principal | null) => Answer | Promise<Answer>;
}

/** An operation of a service, its parameter types closed in. */
export interface Operation {
  readonly signed: boolean;
  readonly prepare: (fields: QueryFields, style: Style, world: World, origin: Origin) => Prepared | Refusal;
}

export type Operations = Readonly<Record<string, Operation>>;

export function operation<S extends Shape>({ parameters, access, run }: Definition<S>): Operation {
  return {
    signed: access !== "nobody",
    prepare: (fields, style, world, origin) => {
      const reading = readParameters(parameters, fields, style);
      if (reading.kind === "refused") return reading;
      const { values } = reading;
      return {
        kind: "prepared",
        resource: typeof access === "function" ? access(values, world) : null,
        run: (principal) => run({ values, world, origin, principal }),
      };
    },
  };
}
