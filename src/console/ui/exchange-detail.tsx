import { showClaim } from "../../core/token.ts";
import { roleOf } from "../model/account.ts";
import { claimRows } from "../model/claim-rows.ts";
import { awsCommand, type Exchange, replayOf } from "../model/exchange.ts";
import { jobQuery } from "../model/job.ts";
import { ladderOf } from "../model/ladder.ts";
import { showRoute } from "../model/route.ts";
import { DecisionHead, StsAnswer } from "./decision-pane.tsx";
import { Ladder } from "./ladder.tsx";
import { Code, Copy } from "./parts.tsx";
import { useShell } from "./shell.ts";
import { ClaimGroups } from "./token-pane.tsx";

/** Everything that is known of one exchange. */
export function ExchangeDetail({ exchange }: { readonly exchange: Exchange }) {
  const { words, account } = useShell();
  const { decision, answer, event, roleArn, session, requestId, claims } = exchange;
  const role = account.roles.find(({ arn }) => arn === roleArn);
  const replay = replayOf(exchange);
  return (
    <div class="exchange">
      <h2 class="unseen">
        {words.request} {requestId}
      </h2>
      <p class="acts">
        {replay && (
          <a class="button" href={showRoute({ screen: "playground", query: jobQuery(replay) })}>
            {words.replay}
          </a>
        )}
        <Copy text={awsCommand(exchange, location.origin)} label={words.copyAws} />
      </p>
      <dl class="facts">
        <Fact name={words.role} value={roleArn} />
        <Fact name={words.session} value={session ?? exchange.sessionName} />
        <Fact name={words.request} value={requestId} />
        <Fact name={words.subjectOf} value={claims && showClaim(claims, "sub")} />
      </dl>
      <div class="exchange-columns">
        <div>
          {decision ? (
            <>
              <DecisionHead decision={decision} />
              <Ladder rungs={ladderOf(decision, role ? roleOf(role) : null)} />
            </>
          ) : (
            <p>
              {words.noDecision}{" "}
              <span lang="en">
                <code>{answer.code}</code> {answer.message}
              </span>
            </p>
          )}
          {decision?.outcome === "denied" && <StsAnswer decision={decision} />}
        </div>
        <div>
          {claims && (
            <details class="exchange-claims">
              <summary>{words.token}</summary>
              <ClaimGroups rows={claimRows(claims, null)} />
            </details>
          )}
          <h3>{words.cloudTrail}</h3>
          {event ? (
            <Code text={JSON.stringify(event, null, 2)} label={words.cloudTrail} />
          ) : (
            <p class="notice">{words.notLogged}</p>
          )}
        </div>
      </div>
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string | null }) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code lang="en">{value}</code>
      </dd>
    </div>
  );
}
