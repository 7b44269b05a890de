import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { type Exchange, type ExchangeRow, filterRows, rowOf, type Verdict as Wanted } from "../model/exchange.ts";
import { ExchangeDetail } from "./exchange-detail.tsx";
import { InTerminal, Verdict } from "./parts.tsx";
import { go, useShell } from "./shell.ts";

/** All exchanges, the newest first, as they come. */
export function ExchangesScreen() {
  const { words, exchanges, route } = useShell();
  const [paused, setPaused] = useState<readonly Exchange[] | null>(null);
  const query = new URLSearchParams(route.query);
  const [text, verdict, id] = [query.get("q") ?? "", verdictOf(query.get("verdict")), query.get("id")];
  const shown = paused ?? exchanges;
  const rows = useMemo(() => shown.map(rowOf).toReversed(), [shown]);
  const fitting = useMemo(() => filterRows(rows, text, verdict), [rows, text, verdict]);
  const set = (name: string, value: string): void => {
    const next = new URLSearchParams(route.query);
    if (value === "" || value === "all") next.delete(name);
    else next.set(name, value);
    go({ screen: "exchanges", query: next.toString() }, true);
  };
  return (
    <div class="screen">
      <h1 tabIndex={-1}>{words.exchangesTitle}</h1>
      <p class="lead">{words.exchangesLead}</p>
      <div class="tools">
        <label class="search">
          <span class="unseen">{words.filter}</span>
          <input
            type="search"
            value={text}
            placeholder={words.filterHint}
            onInput={(event) => set("q", event.currentTarget.value)}
          />
        </label>
        <div class="switch" role="group" aria-label={words.verdict}>
          {(["all", "allowed", "refused"] as const).map((one) => (
            <button key={one} type="button" aria-pressed={verdict === one} onClick={() => set("verdict", one)}>
              {words.verdicts[one]}
            </button>
          ))}
        </div>
        <button type="button" aria-pressed={paused !== null} onClick={() => setPaused(paused ? null : exchanges)}>
          {paused ? words.resume : words.pause}
        </button>
        <span class="faint">
          {paused && exchanges.length > paused.length
            ? words.waiting(exchanges.length - paused.length)
            : words.shown(fitting.length, rows.length)}
        </span>
      </div>
      <Arrival exchange={paused ? null : (exchanges.at(-1) ?? null)} />
      {rows.length === 0 ? (
        <p class="empty-line">{words.noExchanges}</p>
      ) : (
        <List rows={fitting} open={id} toggle={(one) => set("id", one === id ? "" : one)} />
      )}
      <InTerminal
        text={
          rows.length === 0
            ? "rolecall job gitlab --project acme/shop --branch main --audience AUDIENCE --role ROLE_ARN -- rolecall exec -- env"
            : `curl -s ${location.origin}/_rolecall/exchanges -H 'accept: application/x-ndjson'`
        }
      />
    </div>
  );
}

function verdictOf(text: string | null): Wanted {
  return text === "allowed" || text === "refused" ? text : "all";
}

/** Says what came in, for whoever does not see it; not what was there at first. */
function Arrival({ exchange }: { readonly exchange: Exchange | null }) {
  const { words } = useShell();
  const first = useRef(exchange?.requestId);
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!exchange || exchange.requestId === first.current) return;
    const { who, allowed } = rowOf(exchange);
    setSaid(words.arrived(who, allowed ? words.allowed : words.refused));
  }, [exchange, words]);
  return (
    <p class="unseen" aria-live="polite">
      {said}
    </p>
  );
}

function List({
  rows,
  open,
  toggle,
}: {
  readonly rows: readonly ExchangeRow[];
  readonly open: string | null;
  readonly toggle: (id: string) => void;
}) {
  const { words } = useShell();
  if (rows.length === 0) return <p class="empty-line">{words.noneFit}</p>;
  return (
    <div class="scroll">
      <table class="rows stack exchanges">
        <thead>
          <tr>
            {[words.time, words.ci, words.projectRef, words.role, words.verdict].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.exchange.requestId} row={row} isOpen={row.exchange.requestId === open} toggle={toggle} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  row,
  isOpen,
  toggle,
}: {
  readonly row: ExchangeRow;
  readonly isOpen: boolean;
  readonly toggle: (id: string) => void;
}) {
  const { exchange, ci, who, role, allowed, code } = row;
  const { requestId, time } = exchange;
  return (
    <>
      <tr class={isOpen ? "open" : ""} onClick={() => toggle(requestId)}>
        <td>
          <button
            type="button"
            class="link disclosure"
            aria-expanded={isOpen}
            aria-controls={isOpen ? `exchange-${requestId}` : undefined}
            onClick={(event) => (event.stopPropagation(), toggle(requestId))}
          >
            <time dateTime={time}>{time.slice(11, 19)}</time>
          </button>
        </td>
        <td lang="en">{ci || "–"}</td>
        <td class="who-cell" lang="en">
          {who || "–"}
        </td>
        <td lang="en">{role || "–"}</td>
        <td>
          <Verdict allowed={allowed} /> {!allowed && <code lang="en">{code}</code>}
        </td>
      </tr>
      {isOpen && (
        <tr class="detail" id={`exchange-${requestId}`}>
          <td colSpan={5}>
            <ExchangeDetail exchange={exchange} />
          </td>
        </tr>
      )}
    </>
  );
}
