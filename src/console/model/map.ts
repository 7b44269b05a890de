import { issuerName } from "../../core/arn.ts";
import { textClaim } from "../../core/token.ts";
import { type Account, type AccountRole, trustedProviders } from "./account.ts";
import type { Exchange } from "./exchange.ts";

/** How an edge of the map is: by what was last seen on it. */
export type EdgeState =
  /** The last exchange was allowed. */
  | "allowed"
  /** The last exchange was refused. */
  | "refused"
  /** No exchange yet. */
  | "quiet"
  /** It leads to nothing: the role trusts a provider that is not there, the issuer has no provider. */
  | "broken";

export interface Node {
  readonly id: string;
  readonly column: 0 | 1 | 2 | 3;
  /** Middle, in rows from the top: 0.5 is the middle of the first. */
  readonly row: number;
  readonly kind: "issuer" | "provider" | "missing-provider" | "role" | "permissions";
  /** Issuer, provider's URL, role's name. */
  readonly name: string;
  readonly audiences: readonly string[];
  readonly role: AccountRole | null;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly state: EdgeState;
}

export interface CloudMap {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
  /** Height of the picture, in rows. */
  readonly rows: number;
  readonly counts: {
    readonly issuers: number;
    readonly providers: number;
    readonly roles: number;
    /** In the last five minutes of AWS's clock. */
    readonly allowed: number;
    readonly refused: number;
  };
}

const RECENT = 5 * 60 * 1000;

/** Lays the account out: issuers, their providers, the roles that trust them, what these may do. */
export function mapOf(account: Account, exchanges: readonly Exchange[]): CloudMap {
  const urls = urlsOf(account, exchanges);
  const nodes: Node[] = [];
  const edges: Edge[] = [];
  const placed = new Set<AccountRole>();
  let row = 0;
  for (const url of urls) {
    const provider = account.providers.find((one) => one.url === url);
    const arn = provider?.arn ?? `arn:aws:iam::${account.account}:oidc-provider/${url}`;
    const roles = account.roles.filter((role) => trustedProviders(role).includes(arn) && !placed.has(role));
    const middle = row + Math.max(1, roles.length) / 2;
    const mine = exchanges.filter(({ claims }) => issuerName(textClaim(claims ?? {}, "iss") ?? "") === url);
    const providerId = `provider ${url}`;
    nodes.push(
      { id: `issuer ${url}`, column: 0, row: middle, kind: "issuer", name: url, audiences: [], role: null },
      {
        id: providerId,
        column: 1,
        row: middle,
        kind: provider ? "provider" : "missing-provider",
        name: url,
        audiences: provider?.audiences ?? [],
        role: null,
      },
    );
    edges.push({ from: `issuer ${url}`, to: providerId, state: provider ? lastState(mine) : "broken" });
    roles.forEach((role, at) => {
      placed.add(role);
      addRole(role, row + at + 0.5, nodes, edges);
      const theirs = mine.filter(({ roleArn }) => roleArn === role.arn);
      edges.push({ from: providerId, to: `role ${role.arn}`, state: provider ? lastState(theirs) : "broken" });
    });
    row += Math.max(1, roles.length);
  }
  // Roles that trust no OIDC provider, or more than one, have been placed once or not at all.
  for (const role of account.roles) {
    if (placed.has(role)) addFurtherEdges(role, edges, urls, account);
    else addRole(role, row++ + 0.5, nodes, edges);
  }
  return { nodes, edges, rows: Math.max(1, row), counts: countsOf(account, exchanges) };
}

function addRole(role: AccountRole, row: number, nodes: Node[], edges: Edge[]): void {
  nodes.push(
    { id: `role ${role.arn}`, column: 2, row, kind: "role", name: role.name, audiences: [], role },
    { id: `permissions ${role.arn}`, column: 3, row, kind: "permissions", name: role.name, audiences: [], role },
  );
  edges.push({ from: `role ${role.arn}`, to: `permissions ${role.arn}`, state: "quiet" });
}

function addFurtherEdges(role: AccountRole, edges: Edge[], urls: readonly string[], { account }: Account): void {
  for (const arn of trustedProviders(role)) {
    const url = arn.slice(arn.indexOf("/") + 1);
    const from = `provider ${url}`;
    const to = `role ${role.arn}`;
    const isOwn = arn.includes(`::${account}:`) && urls.includes(url);
    if (isOwn && !edges.some((edge) => edge.from === from && edge.to === to)) edges.push({ from, to, state: "quiet" });
  }
}

/** Of every provider, of those that roles trust though they are not there, and of issuers whose tokens came in vain. */
function urlsOf({ providers, roles }: Account, exchanges: readonly Exchange[]): readonly string[] {
  const trusted = roles.flatMap(trustedProviders).map((arn) => arn.slice(arn.indexOf("/") + 1));
  const seen = exchanges.map(({ claims }) => issuerName(textClaim(claims ?? {}, "iss") ?? ""));
  return [...new Set([...providers.map(({ url }) => url), ...trusted, ...seen])].filter((url) => url !== "");
}

function lastState(exchanges: readonly Exchange[]): EdgeState {
  const last = exchanges.at(-1);
  if (!last) return "quiet";
  return last.answer.status === 200 ? "allowed" : "refused";
}

function countsOf({ providers, roles, now }: Account, exchanges: readonly Exchange[]): CloudMap["counts"] {
  const latest = Math.max(now, ...exchanges.slice(-1).map(({ time }) => Date.parse(time)));
  const recent = exchanges.filter(({ time }) => Date.parse(time) > latest - RECENT);
  const issuers = new Set(exchanges.map(({ claims }) => textClaim(claims ?? {}, "iss")).filter(Boolean));
  return {
    issuers: new Set([...providers.map(({ url }) => url), ...[...issuers].map((one) => issuerName(one ?? ""))]).size,
    providers: providers.length,
    roles: roles.length,
    allowed: recent.filter(({ answer }) => answer.status === 200).length,
    refused: recent.filter(({ answer }) => answer.status !== 200).length,
  };
}

/** One trust of the map, in a line: the same for whoever has no picture. */
export interface TrustRow {
  readonly provider: Node | null;
  readonly role: Node | null;
  readonly state: EdgeState;
}

export function trustRows({ nodes, edges }: CloudMap): readonly TrustRow[] {
  return nodes.flatMap((node): readonly TrustRow[] => {
    if (node.kind === "role") {
      const trusts = edges.filter(({ to }) => to === node.id);
      if (trusts.length === 0) return [{ provider: null, role: node, state: "quiet" }];
      return trusts.map(({ from, state }) => ({
        provider: nodes.find(({ id }) => id === from) ?? null,
        role: node,
        state,
      }));
    }
    const isLoose = node.column === 1 && !edges.some(({ from }) => from === node.id);
    return isLoose
      ? [{ provider: node, role: null, state: edges.find(({ to }) => to === node.id)?.state ?? "quiet" }]
      : [];
  });
}
