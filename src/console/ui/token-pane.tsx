import { useEffect, useState } from "preact/hooks";

import type { Claims } from "../../core/token.ts";
import { claimGroups, claimRows, type ClaimRow, goneClaims } from "../model/claim-rows.ts";
import { ciOf, type Job, pretendedJob } from "../model/job.ts";
import { Action, Copy } from "./parts.tsx";
import { useShell } from "./shell.ts";

/** What the token says, claim by claim, with who reads it. */
export function TokenPane({
  claims,
  before,
  job,
}: {
  readonly claims: Claims | null;
  readonly before: Claims | null;
  readonly job: Job;
}) {
  const { words } = useShell();
  if (!claims) {
    return (
      <section class="pane" aria-labelledby="token-title">
        <h2 id="token-title">{words.token}</h2>
        <div class="notice">
          <strong>{words.noToken}</strong>
          <p>{words.noTokenText}</p>
        </div>
      </section>
    );
  }
  const rows = claimRows(claims, before);
  const changed = rows.filter((row) => row.before !== undefined);
  const gone = goneClaims(claims, before);
  return (
    <section class="pane" aria-labelledby="token-title">
      <h2 id="token-title">{words.token}</h2>
      <p class="lead">{words.tokenLead}</p>
      {changed.length + gone.length > 0 && <p class="changed-note">{words.changed(changed.length + gone.length)}</p>}
      <ClaimGroups rows={rows} />
      {gone.length > 0 && (
        <p class="faint">
          <code lang="en">{gone.join(", ")}</code>: {words.gone}
        </p>
      )}
      <RawToken job={job} />
    </section>
  );
}

/** Claims by who reads them; those that nobody reads are folded away. */
export function ClaimGroups({ rows }: { readonly rows: readonly ClaimRow[] }) {
  const { words } = useShell();
  return (
    <>
      {claimGroups(rows).map(({ reader, rows: group }) =>
        reader === "nobody" ? (
          <details key={reader} class="unread">
            <summary>
              {words.unread(group.length)}
              {group.some((row) => row.before !== undefined) && (
                <span class="changed-note">
                  {words.changed(group.filter((row) => row.before !== undefined).length)}
                </span>
              )}
            </summary>
            <ClaimList rows={group} />
          </details>
        ) : (
          <div key={reader} class="claim-group">
            <h3>{words.reads[reader]}</h3>
            <ClaimList rows={group} />
          </div>
        ),
      )}
    </>
  );
}

function ClaimList({ rows }: { readonly rows: readonly ClaimRow[] }) {
  return (
    <dl class="claims">
      {rows.map((row) => (
        <Claim key={row.name} row={row} />
      ))}
    </dl>
  );
}

/** Longer values have a line of their own. */
const LONG = 38;

const TIMES = ["iat", "exp", "nbf"];

function Claim({ row }: { readonly row: ClaimRow }) {
  const { words } = useShell();
  const { name, value, key, before } = row;
  const time = TIMES.includes(name) ? ` ${clock(Number(value))}` : "";
  return (
    <div class={`claim${before === undefined ? "" : " claim-changed"}${value.length > LONG ? " claim-long" : ""}`}>
      <dt>
        <code lang="en">{name}</code>
        {key !== null && (
          <span class="unseen">
            ({words.keyIs} <span lang="en">{key}</span>)
          </span>
        )}
      </dt>
      <dd title={key === null ? undefined : `${words.keyIs}: ${key}`}>
        <code class="value" lang="en">
          {value}
        </code>
        {time !== "" && <span class="faint">{time}</span>}
        {before !== undefined && (
          <span class="was">
            {before === null ? (
              words.wasAbsent
            ) : (
              <>
                {words.was}{" "}
                <code lang="en">
                  <del>{before}</del>
                </code>
              </>
            )}
          </span>
        )}
      </dd>
    </div>
  );
}

function clock(seconds: number): string {
  return Number.isSafeInteger(seconds) ? new Date(seconds * 1000).toISOString().slice(11, 19) + " UTC" : "";
}

/** Only when it is asked for, and gone with the next choice. */
function RawToken({ job }: { readonly job: Job }) {
  const { words, account, api } = useShell();
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => setToken(null), [job]);
  const show = async (): Promise<void> => setToken(await api.mint(mintRequest(job, account)));
  if (token === null) return <Action key={JSON.stringify(job)} label={words.showRaw} act={show} />;
  return (
    <div class="raw">
      <p class="faint">{words.rawWarning}</p>
      <pre tabIndex={0} aria-label={words.token} lang="en">
        {token.split(".").map((part, at) => (
          <span key={at} class={`raw-${at}`}>
            {at > 0 && "."}
            {part}
          </span>
        ))}
      </pre>
      <Copy text={token} />
      <button type="button" class="quiet" onClick={() => setToken(null)}>
        {words.hideRaw}
      </button>
    </div>
  );
}

/** The chosen job as `POST /_rolecall/mint` takes it. */
export function mintRequest(job: Job, account: Parameters<typeof pretendedJob>[1]): object {
  const { issuedAt: _, ...fields } = pretendedJob(job, account, 0);
  return { ci: ciOf(job).id, ...fields };
}
