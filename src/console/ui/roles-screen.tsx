import type { AccountRole } from "../model/account.ts";
import { type Exchange, rowOf } from "../model/exchange.ts";
import { reachOf } from "../model/reach.ts";
import { tryHref } from "./map-screen.tsx";
import { Code, InTerminal, Verdict } from "./parts.tsx";
import { PermissionWords } from "./permission-words.tsx";
import { sayReach } from "./reach-words.ts";
import { useShell } from "./shell.ts";

export function RolesScreen() {
  const { words, account } = useShell();
  return (
    <div class="screen">
      <h1 tabIndex={-1}>{words.rolesTitle}</h1>
      <p class="lead">{words.rolesLead}</p>
      {account.roles.length === 0 && <p class="empty-line">{words.noRolesYet}</p>}
      <ul class="cards">
        {account.roles.map((role) => (
          <li key={role.arn}>
            <RoleCard role={role} />
          </li>
        ))}
      </ul>
      <InTerminal text={`aws iam list-roles --endpoint-url ${location.origin}`} />
    </div>
  );
}

function RoleCard({ role }: { readonly role: AccountRole }) {
  const { words, exchanges } = useShell();
  const reaches = reachOf(role);
  const isForTokens = reaches.some(({ providers, effect }) => effect === "Allow" && providers.length > 0);
  const last = exchanges.findLast(({ roleArn }) => roleArn === role.arn);
  return (
    <article class="card" aria-label={role.name}>
      <header>
        <h2 lang="en">{role.name}</h2>
        <a class="button" href={tryHref(role)}>
          {words.tryRole}
        </a>
      </header>
      <code class="faint arn" lang="en">
        {role.arn}
      </code>
      {role.description !== null && <p lang="en">{role.description}</p>}
      <dl class="facts">
        {!isForTokens && (
          <div>
            <dt>{words.letsInTitle}</dt>
            <dd>{words.nobody}</dd>
          </div>
        )}
        {reaches.map((reach) => (
          <div key={reach.number}>
            <dt>{reach.effect === "Allow" ? words.letsInTitle : words.keepsOut}</dt>
            <dd>
              {sayReach(reach, words).map((line) => (
                <p key={line}>{line}</p>
              ))}
            </dd>
          </div>
        ))}
        <div>
          <dt>{words.mayDo}</dt>
          <dd>
            <PermissionWords role={role} />
          </dd>
        </div>
        <div>
          <dt>{words.longest}</dt>
          <dd>{words.minutes(role.maxSessionDuration)}</dd>
        </div>
        <div>
          <dt>{words.lately}</dt>
          <dd>{last ? <Last exchange={last} /> : <span class="faint">{words.never}</span>}</dd>
        </div>
      </dl>
      <details>
        <summary>{words.trustPolicy}</summary>
        <Code text={pretty(role.trust)} label={words.trustPolicy} />
      </details>
      <details>
        <summary>{words.permissions}</summary>
        {Object.entries(role.inline).map(([name, document]) => (
          <Code key={name} text={pretty(document)} label={name} />
        ))}
        {role.attached.map(({ arn, document }) => (
          <div key={arn}>
            <code lang="en">{arn}</code>
            {document !== null && <Code text={pretty(document)} label={arn} />}
          </div>
        ))}
      </details>
    </article>
  );
}

function Last({ exchange }: { readonly exchange: Exchange }) {
  const { who, allowed } = rowOf(exchange);
  return (
    <>
      <Verdict allowed={allowed} /> <span lang="en">{who}</span>{" "}
      <time class="faint" dateTime={exchange.time}>
        {exchange.time.slice(11, 19)}
      </time>
    </>
  );
}

/** A document laid out; as it is where it is no JSON. */
function pretty(document: string): string {
  try {
    return JSON.stringify(JSON.parse(document), null, 2);
  } catch {
    return document;
  }
}
