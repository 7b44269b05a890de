import type { Line, Rung, StatementLines } from "../model/ladder.ts";
import { briefOf, operatorOf } from "../model/ladder.ts";
import { Pieces, Sign } from "./parts.tsx";
import { useShell } from "./shell.ts";

/** Every check in STS's order. What holds is one line; what fails stands open. */
export function Ladder({ rungs }: { readonly rungs: readonly Rung[] }) {
  return (
    <ol class="ladder">
      {rungs.map((rung) => (
        <li key={rung.kind} class={`rung rung-${rung.state}`}>
          <RungBody rung={rung} />
        </li>
      ))}
    </ol>
  );
}

function RungBody({ rung }: { readonly rung: Rung }) {
  const { words } = useShell();
  const { kind, state, lines, statements } = rung;
  const brief = briefOf(rung);
  const head = (
    <>
      <Sign state={state} />
      <span class="rung-title">{words.rungs[kind]}</span>
      {brief !== null && (
        <code class="brief" lang="en">
          {brief}
        </code>
      )}
      <span class={`word word-${state}`}>{words.states[state]}</span>
    </>
  );
  if (state === "skipped") return <div class="rung-head">{head}</div>;
  // Another key for another state, so that a rung opens when it begins to fail and not only at first.
  return (
    <details key={state} open={state === "fail" || kind === "trust"}>
      <summary class="rung-head">{head}</summary>
      {kind === "trust" ? (
        statements.map((statement) => (
          <StatementBody key={`${statement.action} ${statement.number}`} statement={statement} />
        ))
      ) : (
        <>
          {lines.map((line) => (
            <LineBody key={line.check.subject} line={line} />
          ))}
          {state === "unknown" && <p class="faint">{words.unsigned}</p>}
        </>
      )}
    </details>
  );
}

function StatementBody({ statement }: { readonly statement: StatementLines }) {
  const { words } = useShell();
  const { number, effect, action, state, lines } = statement;
  const word = effect === "Deny" && (state === "fail" || state === "aside") ? words.deny[state] : words.states[state];
  return (
    <details class={`statement statement-${state}`} open={state !== "aside"}>
      <summary>
        <Sign state={state} />
        <span>
          {words.statement} {number} · <code lang="en">{effect}</code>
        </span>
        <code class="faint" lang="en">
          {action}
        </code>
        <span class={`word word-${state}`}>{word}</span>
      </summary>
      {lines.map((line, at) => (
        <LineBody key={at} line={line} named />
      ))}
    </details>
  );
}

/** One comparison: in a line where both sides are one, else beneath each other. */
function LineBody({ line, named = false }: { readonly line: Line; readonly named?: boolean }) {
  const { words } = useShell();
  const { check, state, diff } = line;
  const { operator, values } = operatorOf(check);
  const isPolicy = check.kind === "condition" || check.kind === "principal" || check.kind === "action";
  const isEqual = values === check.got || (state === "pass" && check.kind === "principal");
  const [policy, token] = isPolicy ? [words.policySays, words.tokenSays] : [words.wants, words.got];
  return (
    <div class={`line line-${state}`}>
      <p class="line-head">
        {named && <Sign state={state} />}
        <code lang="en">{check.subject}</code>
        {operator !== "" && (
          <span class="tag" lang="en">
            {operator}
          </span>
        )}
        {isEqual && (
          <code class="value" lang="en">
            {check.got}
          </code>
        )}
      </p>
      {!isEqual && (
        <dl class="sides">
          <div>
            <dt>{policy}</dt>
            <dd>
              {diff && check.kind !== "audience" ? (
                <Pieces pieces={diff.wanted} />
              ) : (
                <code class="value" lang="en">
                  {values}
                </code>
              )}
            </dd>
          </div>
          <div>
            <dt>{token}</dt>
            <dd>
              {diff ? (
                <Pieces pieces={diff.got} />
              ) : (
                <code class="value" lang="en">
                  {check.got === "" ? "–" : check.got}
                </code>
              )}
            </dd>
          </div>
        </dl>
      )}
      {check.note !== undefined && check.note !== "" && (
        <p class="note" lang="en">
          {check.note}
        </p>
      )}
    </div>
  );
}
