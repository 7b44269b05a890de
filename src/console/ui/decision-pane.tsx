import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";

import type { Decision } from "../../core/decide.ts";
import type { AccountRole } from "../model/account.ts";
import { trustDocument } from "../model/account.ts";
import { fixViewOf } from "../model/fix-view.ts";
import type { Job } from "../model/job.ts";
import { ladderOf, textsDiffer } from "../model/ladder.ts";
import { durationOf, type Play, SESSION } from "../model/play.ts";
import { showRoute } from "../model/route.ts";
import { FixCard } from "./fix-card.tsx";
import { Ladder } from "./ladder.tsx";
import { Action, Code, Sign, useFew } from "./parts.tsx";
import { useShell } from "./shell.ts";
import { mintRequest } from "./token-pane.tsx";

/** What STS would answer, why, and what would change it. */
export function DecisionPane({
  job,
  role,
  outcome,
  choose,
}: {
  readonly job: Job;
  readonly role: AccountRole | null;
  readonly outcome: Play;
  readonly choose: (change: Partial<Job>) => void;
}) {
  const { words } = useShell();
  const { explanation } = outcome;
  const few = useFew();
  const rungs = useMemo(() => explanation && ladderOf(explanation.decision, outcome.role), [explanation, outcome.role]);
  if (!explanation || !rungs) return <section class="pane" aria-label={words.ladder} />;
  const { decision, refusal, allowance } = explanation;
  const before = role && trustDocument(role);
  const arn = role?.arn ?? job.role;
  return (
    <section class="pane pane-decision" aria-labelledby="decision-title">
      <h2 id="decision-title">{words.ladder}</h2>
      <p class="lead">{words.ladderLead}</p>
      <Ladder rungs={rungs} />
      {refusal && refusal.fixes.length > 0 && (
        <div class="fixes">
          <h3>{words.fix}</h3>
          {refusal.fixes.map((fix) => (
            <FixCard key={fix.where + fix.text} fix={fixViewOf(fix, arn, before)} choose={choose} />
          ))}
        </div>
      )}
      {explanation.assumed.length > 0 && (
        <p class="faint">
          {words.taken}: <span lang="en">{explanation.assumed.join("; ")}</span>
        </p>
      )}
      {decision.outcome === "denied" && <StsAnswer decision={decision} />}
      {allowance && allowance.alsoAdmits.length > 0 && (
        <div class="notice">
          <p>{words.letsIn(few(allowance.alsoAdmits))}</p>
          {allowance.narrower && (
            <>
              <p>
                <strong>{words.narrower}</strong> {words.narrowerText(few(allowance.narrower.shutsOut))}
              </p>
              <FixCard fix={fixViewOf(allowance.narrower, arn, before)} choose={choose} />
            </>
          )}
        </div>
      )}
      {role && <TryForReal key={JSON.stringify([job, role.arn])} job={job} role={role} />}
    </section>
  );
}

/** The verdict and its cause, above everything else. */
export function PlayVerdict({ outcome: { explanation } }: { readonly outcome: Play }) {
  const { words } = useShell();
  if (!explanation) {
    return (
      <p class="decision decision-skipped" role="status">
        <Sign state="skipped" />
        <strong>{words.noToken}</strong>
      </p>
    );
  }
  const failure = explanation.refusal?.failure ?? explanation.allowance?.failure;
  return (
    <DecisionHead decision={explanation.decision}>
      {failure && (
        <span class="why">
          <span class="tag">{failure.id}</span> <span lang="en">{failure.title}</span>
        </span>
      )}
    </DecisionHead>
  );
}

/** The verdict, in one line that is told when it changes. */
export function DecisionHead({
  decision,
  children,
}: {
  readonly decision: Decision;
  readonly children?: ComponentChildren;
}) {
  const { words } = useShell();
  const isAllowed = decision.outcome === "allowed";
  return (
    <p class={`decision decision-${isAllowed ? "pass" : "fail"}`} role="status">
      <Sign state={isAllowed ? "pass" : "fail"} />
      <strong>{isAllowed ? words.allowed : words.refused}</strong>
      {decision.outcome === "allowed" ? (
        <span>{words.allowedBy(decision.statement + 1)}</span>
      ) : (
        <code lang="en">
          {decision.code} · {decision.status}
        </code>
      )}
      {children}
    </p>
  );
}

/** To the letter, in both years' words where they differ. */
export function StsAnswer({ decision }: { readonly decision: Extract<Decision, { outcome: "denied" }> }) {
  const { words, account } = useShell();
  const { code, messages } = decision;
  const years = textsDiffer(decision) ? (["2026", "2025"] as const) : (["2026"] as const);
  const label = { "2026": words.since2026, "2025": words.until2026 };
  const printed = `An error occurred (${code}) when calling the AssumeRoleWithWebIdentity operation: ${messages[account.stsTexts]}`;
  return (
    <section class="answer" aria-label={words.stsAnswer}>
      <h3>{words.stsAnswer}</h3>
      <dl>
        {years.map((year) => (
          <div key={year}>
            <dt>
              {years.length === 1 ? words.bothYears : label[year]}
              {years.length > 1 && account.stsTexts === year && <span class="tag">{words.spokenHere}</span>}
            </dt>
            <dd lang="en">
              <code>{code}</code> {messages[year]}
            </dd>
          </div>
        ))}
      </dl>
      <p class="faint">{words.cliLine}</p>
      <Code text={printed} label={words.cliLine} />
    </section>
  );
}

/** The same job at the local STS: signed, verified and logged as every other. */
function TryForReal({ job, role }: { readonly job: Job; readonly role: AccountRole }) {
  const { words, account, api } = useShell();
  const [id, setId] = useState<string | null>(null);
  const duration = durationOf(job);
  const run = async (): Promise<void> => {
    setId(null);
    const body = { job: mintRequest(job, account), roleArn: role.arn, sessionName: SESSION };
    setId(await api.exchange({ ...body, ...(duration === undefined ? {} : { duration }) }));
  };
  return (
    <p class="real">
      <Action label={words.exchange} busy={words.exchanging} act={run} done={words.exchanged} />
      {id !== null && (
        <a class="button" href={showRoute({ screen: "exchanges", query: `id=${id}` })}>
          {words.showExchange}
        </a>
      )}
    </p>
  );
}
