import { useMemo, useRef } from "preact/hooks";

import type { Claims } from "../../core/token.ts";
import { chosenRole, ciOf, audienceOf, FORK, forkOf, type Job, jobQuery, readJob } from "../model/job.ts";
import { matrixOf } from "../model/neighbours.ts";
import { play } from "../model/play.ts";
import { DecisionPane, PlayVerdict } from "./decision-pane.tsx";
import { JobForm } from "./job-form.tsx";
import { MatrixPane } from "./matrix-pane.tsx";
import { InTerminal } from "./parts.tsx";
import { go, useShell } from "./shell.ts";
import { TokenPane } from "./token-pane.tsx";

/** A job, the token it would get, and what STS would make of it. */
export function Playground() {
  const { words, account, route } = useShell();
  const job = useMemo(() => readJob(route.query), [route.query]);
  // One moment for everything that is shown of a choice.
  const now = useMemo(() => Date.now(), [route.query, account]);
  const role = useMemo(() => chosenRole(job, account), [job, account]);
  const outcome = useMemo(() => play(job, role, account, now), [job, role, account, now]);
  const matrix = useMemo(() => matrixOf(job, role, account, now), [job, role, account, now]);
  const before = usePrevious(route.query, outcome.claims);
  const choose = (change: Partial<Job>): void => {
    go({ screen: "playground", query: jobQuery({ ...job, ...change }) }, true);
  };
  return (
    <div class="screen">
      <h1 tabIndex={-1}>{words.playTitle}</h1>
      <PlayVerdict outcome={outcome} />
      <div class="play">
        <JobForm job={job} role={role} choose={choose} />
        <TokenPane claims={outcome.claims} before={before} job={job} />
        <DecisionPane job={job} role={role} outcome={outcome} choose={choose} />
        <MatrixPane matrix={matrix} choose={choose} />
      </div>
      <InTerminal text={commandOf(job, audienceOf(job, account), role?.arn ?? null)} />
    </div>
  );
}

/** The claims of the choice before this one; null until there was another. */
function usePrevious(choice: string, claims: Claims | null): Claims | null {
  const held = useRef<{ choice: string; claims: Claims | null; before: Claims | null }>({
    choice,
    claims,
    before: null,
  });
  if (held.current.choice !== choice) held.current = { choice, claims, before: held.current.claims };
  held.current.claims = claims;
  return held.current.before;
}

function commandOf(job: Job, audience: string, role: string | null): string {
  const isFork = job.event === FORK;
  const given: readonly (readonly [string, string])[] = [
    ["project", isFork ? forkOf(job.project) : job.project],
    [job.ref, job.name],
    ["environment", job.environment],
    ["event", isFork ? "" : job.event],
    ["issuer", job.issuer],
    ["audience", audience],
    ["role", role ?? ""],
  ];
  const options = given.filter(([, value]) => value !== "").map(([name, value]) => `--${name} ${word(value)}`);
  const duration = job.duration === "" ? "" : ` --duration ${job.duration}`;
  return [
    `rolecall job ${ciOf(job).id} ${options.join(" ")}${job.immutable ? " --immutable" : ""} \\`,
    `  -- rolecall exec${duration} -- aws sts get-caller-identity`,
  ].join("\n");
}

function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
