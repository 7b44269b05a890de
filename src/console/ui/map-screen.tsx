import { useMemo, useState } from "preact/hooks";

import { type CloudMap, type Edge, type EdgeState, mapOf, type Node, trustRows } from "../model/map.ts";
import { exampleCalls } from "../model/iam-call.ts";
import type { AccountRole } from "../model/account.ts";
import { jobForRole } from "../model/job-for-role.ts";
import { jobQuery } from "../model/job.ts";
import { showRoute } from "../model/route.ts";
import { Action, InTerminal, Name } from "./parts.tsx";
import { PermissionWords } from "./permission-words.tsx";
import { useShell } from "./shell.ts";

export function MapScreen() {
  const { words, account, exchanges } = useShell();
  const map = useMemo(() => mapOf(account, exchanges), [account, exchanges]);
  const [asTable, setAsTable] = useState(false);
  if (map.nodes.length === 0) return <EmptyAccount />;
  const { issuers, providers, roles, allowed, refused } = map.counts;
  return (
    <div class="screen">
      <div class="head">
        <div>
          <h1 tabIndex={-1}>{words.mapTitle}</h1>
          <p class="lead">{words.mapLead}</p>
        </div>
        <button type="button" class="wide-only" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? words.asPicture : words.asTable}
        </button>
      </div>
      <p class="counts">
        <span>{words.counts.issuers(issuers)}</span>
        <span>{words.counts.providers(providers)}</span>
        <span>{words.counts.roles(roles)}</span>
        <span class="counts-recent">
          <span class={allowed > 0 ? "text-pass" : ""}>{words.counts.allowed(allowed)}</span>
          {" · "}
          <span class={refused > 0 ? "text-fail" : ""}>{words.counts.refused(refused)}</span> {words.counts.recent}
        </span>
      </p>
      {!asTable && <Picture map={map} />}
      <Table map={map} shown={asTable} />
      <InTerminal text="rolecall plan && rolecall apply" />
    </div>
  );
}

function EmptyAccount() {
  const { words, account, api, refresh } = useShell();
  const load = async (): Promise<void> => {
    for (const call of exampleCalls(account.account)) await api.change(call);
    await refresh();
  };
  return (
    <section class="empty">
      <EmptyDrawing />
      <h1 tabIndex={-1}>{words.emptyTitle}</h1>
      <p>{words.emptyText}</p>
      <Action primary label={words.loadExample} busy={words.loading} act={load} />
      <InTerminal text="rolecall up --config rolecall.yaml" />
    </section>
  );
}

/** The story in one line: a job, its token, AWS. */
function EmptyDrawing() {
  return (
    <svg class="drawing" viewBox="0 0 360 72" width="360" height="72" aria-hidden="true">
      <g fill="none" stroke="currentColor" stroke-width="1.5">
        <rect x="1" y="16" width="84" height="40" rx="8" />
        <rect x="138" y="16" width="84" height="40" rx="8" />
        <rect x="275" y="16" width="84" height="40" rx="8" />
        <path d="M86 36h44M223 36h44" stroke-dasharray="3 4" />
        <path d="m124 30 7 6-7 6M261 30l7 6-7 6" />
      </g>
      <g fill="currentColor" font-size="12" text-anchor="middle">
        <text x="43" y="40">
          GitLab
        </text>
        <text x="180" y="40">
          STS
        </text>
        <text x="317" y="40">
          S3
        </text>
      </g>
    </svg>
  );
}

const ROW = 92;
/** Left edge and width of each column, in percent. */
const COLUMNS = [
  { left: 0, width: 19 },
  { left: 26, width: 24 },
  { left: 57, width: 18 },
  { left: 80, width: 20 },
] as const;

/** Cards in four columns, and what leads from one to the other behind them. */
function Picture({ map }: { readonly map: CloudMap }) {
  const { words } = useShell();
  const height = map.rows * ROW;
  const places = new Map(map.nodes.map((node) => [node.id, node]));
  return (
    <div class="map wide-only" aria-hidden="true">
      <div class="map-heads">
        {words.columns.map((title, at) => (
          <span key={title} style={columnStyle(at)}>
            {title}
          </span>
        ))}
      </div>
      <div class="map-body" style={{ height: `${height}px` }}>
        <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none">
          {map.edges.map((edge) => (
            <EdgeLine key={`${edge.from} ${edge.to}`} edge={edge} places={places} />
          ))}
        </svg>
        {map.nodes.map((node) => (
          <div
            key={node.id}
            class={`node node-${node.kind}`}
            style={{
              ...columnStyle(node.column),
              top: `${node.row * ROW - (ROW - 16) / 2}px`,
              height: `${ROW - 16}px`,
            }}
          >
            <NodeCard node={node} state={stateBehind(node, map.edges)} />
          </div>
        ))}
      </div>
      <p class="legend">
        {(["allowed", "refused", "quiet", "broken"] as const).map((state) => (
          <span key={state} class={`edge-${state}`}>
            <svg viewBox="0 0 28 8" width="28" height="8">
              <path d="M1 4h26" class={`edge edge-${state}`} />
            </svg>
            {words.edges[state]}
          </span>
        ))}
      </p>
    </div>
  );
}

function columnStyle(column: number): { readonly left: string; readonly width: string } {
  const { left, width } = COLUMNS[column] ?? COLUMNS[0];
  return { left: `${left}%`, width: `${width}%` };
}

function EdgeLine({ edge, places }: { readonly edge: Edge; readonly places: ReadonlyMap<string, Node> }) {
  const [from, to] = [places.get(edge.from), places.get(edge.to)];
  if (!from || !to) return null;
  const start = COLUMNS[from.column].left + COLUMNS[from.column].width;
  const end = COLUMNS[to.column].left;
  const middle = (start + end) / 2;
  const [top, bottom] = [from.row * ROW, to.row * ROW];
  return (
    <path
      class={`edge edge-${edge.state}`}
      d={`M${start} ${top}C${middle} ${top} ${middle} ${bottom} ${end} ${bottom}`}
    />
  );
}

function stateBehind({ id }: Node, edges: readonly Edge[]): EdgeState | null {
  return edges.find(({ to }) => to === id)?.state ?? null;
}

function NodeCard({ node, state }: { readonly node: Node; readonly state: EdgeState | null }) {
  const { words } = useShell();
  if (node.kind === "permissions") return node.role && <PermissionWords role={node.role} short />;
  return (
    <>
      <strong>
        <Name text={node.name} />
      </strong>
      {node.kind === "missing-provider" && <span class="text-fail">{words.noProvider}</span>}
      {node.kind === "provider" && <Audiences audiences={node.audiences} />}
      {node.kind === "role" && node.role && (
        <span class="node-foot">
          {state && state !== "quiet" && <span class={`edge-word edge-${state}`}>{words.edges[state]}</span>}
          <a href={tryHref(node.role)} tabIndex={-1}>
            {words.tryRole}
          </a>
        </span>
      )}
    </>
  );
}

function Audiences({ audiences }: { readonly audiences: readonly string[] }) {
  const { words } = useShell();
  const [first, ...others] = audiences;
  return first === undefined ? (
    <span class="text-fail">{words.noAudience}</span>
  ) : (
    <span class="faint" lang="en">
      {first}
      {others.length > 0 && ` +${others.length}`}
    </span>
  );
}

export function tryHref(role: AccountRole): string {
  return showRoute({ screen: "playground", query: jobQuery(jobForRole(role)) });
}

/** The same for whoever does not look at pictures, and for narrow screens. */
function Table({ map, shown }: { readonly map: CloudMap; readonly shown: boolean }) {
  const { words } = useShell();
  const rows = trustRows(map);
  return (
    <div class={shown ? "scroll" : "scroll map-table"}>
      <table class="rows stack">
        <caption class="unseen">{words.mapTitle}</caption>
        <thead>
          <tr>
            {words.columns.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
            <th scope="col">{words.lately}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ provider, role, state }) => (
            <tr key={`${provider?.id ?? ""} ${role?.id ?? ""}`}>
              <td lang="en">{provider?.name ?? "–"}</td>
              <td lang="en">
                {provider?.kind === "missing-provider" ? words.noProvider : (provider?.audiences.join(", ") ?? "–")}
              </td>
              <td>{role?.role ? <a href={tryHref(role.role)}>{role.name}</a> : "–"}</td>
              <td>{role?.role && <PermissionWords role={role.role} short />}</td>
              <td class={`edge-word edge-${state}`}>{words.edges[state]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
