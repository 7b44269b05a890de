import type { XmlFields } from "../wire/query.ts";
import { isRefusal, USERS } from "./iam-holders.ts";
import { findUserOrSelf } from "./iam-users.ts";
import { type Answer, type Call, result } from "./operation.ts";
import { type PageRequest, paginate } from "./pages.ts";
import type { UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** What of its kind a user has several of: access keys, certificates, SSH keys, credentials of services. */
export interface Owned {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** How the kinds differ. `Id` is the parameter that names one. */
export interface OwnedKind<One extends Owned, Id extends string> {
  readonly parameter: Id;
  readonly all: (user: UserRecord) => readonly One[];
  readonly put: (user: UserRecord, all: readonly One[]) => UserRecord;
  /** IAM's word for that the user has none of this id. */
  readonly missing: (id: string) => string;
}

type NamesUser = { readonly UserName: string | undefined };
type NamesOne<Id extends string> = NamesUser & { readonly [Name in Id]: string };

/** Gives a user everything of a kind anew. */
export function putOwned<One extends Owned, Id extends string>(
  kind: OwnedKind<One, Id>,
  world: World,
  user: UserRecord,
  all: readonly One[],
): void {
  world.store.changeIam((iam) => USERS.put(iam, kind.put(user, all)));
}

/** The user that a call names, or who calls, and what of the user's it names. */
export function findOwned<One extends Owned, Id extends string>(
  kind: OwnedKind<One, Id>,
  call: Call<NamesOne<Id>>,
): { readonly user: UserRecord; readonly one: One } | Refusal {
  const user = findUserOrSelf(call);
  if (isRefusal(user)) return user;
  const wanted = call.values[kind.parameter];
  const one = kind.all(user).find(({ id }) => id === wanted);
  return one ? { user, one } : iamError("NoSuchEntity", kind.missing(wanted));
}

/** Puts in place of what a call names what it becomes, or takes it away for null. */
export function changeOwned<One extends Owned, Id extends string>(
  kind: OwnedKind<One, Id>,
  call: Call<NamesOne<Id>>,
  change: (one: One) => One | null,
): Answer {
  const found = findOwned(kind, call);
  if (isRefusal(found)) return found;
  const { user, one } = found;
  const changed = kind.all(user).flatMap((other) => (other === one ? (change(one) ?? []) : other));
  putOwned(kind, call.world, user, changed);
  return result();
}

/** The answer of a list: what the user has, oldest first, in pages. `list`: the member that holds it. */
export function listOwned<One extends Owned, Id extends string>(
  kind: OwnedKind<One, Id>,
  call: Call<NamesUser & PageRequest>,
  list: string,
  toXml: (user: UserRecord, one: One) => XmlFields,
): Answer {
  const user = findUserOrSelf(call);
  if (isRefusal(user)) return user;
  const page = paginate(kind.all(user), byAge, call.values);
  return page.kind === "refused" ? page : result({ [list]: page.items.map((one) => toXml(user, one)), ...page.tail });
}

/** A key by which the older comes first. */
export function byAge({ created, id }: Owned): string {
  return `${String(created).padStart(15, "0")} ${id}`;
}
