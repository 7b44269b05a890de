import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { CIS } from "../../ci/index.ts";
import { type AccountRole, providerOf } from "../model/account.ts";
import { audienceOf, ciOf, eventsOf, fieldsOf, FORK, issuerOf, type Job } from "../model/job.ts";
import { useShell } from "./shell.ts";

type Choose = (change: Partial<Job>) => void;

/** The CIs that most people have stand first. */
const COMMON = ["gitlab", "github", "circleci", "jenkins"];

interface JobProps {
  readonly job: Job;
  readonly role: AccountRole | null;
  readonly choose: Choose;
}

/** Everything that may be chosen of a job, as far as its CI's tokens tell it. */
export function JobForm({ job, role, choose }: JobProps) {
  const { words, account } = useShell();
  const fields = fieldsOf(job);
  const ci = ciOf(job);
  const others = CIS.filter(({ id }) => !COMMON.includes(id));
  const audiences = providerOf(account, issuerOf(job))?.audiences ?? [];
  return (
    <form class="pane pane-job" aria-label={words.job} onSubmit={(event) => event.preventDefault()}>
      <h2>{words.job}</h2>
      <Field label={words.ci}>
        {(id) => (
          <select id={id} value={job.ci} onChange={(event) => choose(ofCi(event.currentTarget.value, job))}>
            {CIS.filter((one) => COMMON.includes(one.id)).map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
            <optgroup label={words.otherCis}>
              {others.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </optgroup>
          </select>
        )}
      </Field>
      <Field label={ci.id === "custom" ? words.subject : words.project}>
        {(id) => <Text id={id} value={job.project} set={(project) => choose({ project })} />}
      </Field>
      {fields.has("ref") && <RefField job={job} choose={choose} />}
      {fields.has("environment") && (
        <Field label={words.environment}>
          {(id) => (
            <Text id={id} value={job.environment} placeholder="–" set={(environment) => choose({ environment })} />
          )}
        </Field>
      )}
      {fields.has("event") && (
        <Field label={words.event}>
          {(id) => (
            <select id={id} value={job.event} onChange={(event) => choose({ event: event.currentTarget.value })}>
              <option value="">{words.eventDefault}</option>
              {eventsOf(job).map((one) => (
                <option key={one} value={one}>
                  {one === FORK ? words.eventFork : one}
                </option>
              ))}
              {job.event !== "" && !eventsOf(job).includes(job.event) && <option value={job.event}>{job.event}</option>}
            </select>
          )}
        </Field>
      )}
      <Field label={words.audience} note={fields.has("audience") ? null : words.fixedAudience}>
        {(id) => (
          <>
            <Text
              id={id}
              value={job.audience}
              placeholder={audienceOf({ ...job, audience: "" }, account)}
              list={`${id}-known`}
              set={(audience) => choose({ audience })}
            />
            <datalist id={`${id}-known`}>
              {audiences.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <RoleField job={job} role={role} choose={choose} />
      <details open={job.issuer !== "" || job.duration !== "" || job.immutable}>
        <summary>{words.more}</summary>
        {fields.has("issuer") && (
          <Field label={words.issuer}>
            {(id) => (
              <Text id={id} value={job.issuer} placeholder={ci.pretendedIssuer} set={(issuer) => choose({ issuer })} />
            )}
          </Field>
        )}
        <Field label={words.duration}>
          {(id) => (
            <Text id={id} value={job.duration} placeholder="3600" numeric set={(duration) => choose({ duration })} />
          )}
        </Field>
        {fields.has("immutable") && (
          <label class="tick">
            <input
              type="checkbox"
              checked={job.immutable}
              onChange={(event) => choose({ immutable: event.currentTarget.checked })}
            />
            {words.immutable}
          </label>
        )}
      </details>
    </form>
  );
}

/** What another CI has other words for goes back to its default. */
function ofCi(ci: string, job: Job): Partial<Job> {
  const example = ciOf({ ci }).words["project"]?.example;
  const isPath = /^[^/:]+\/[^/:]+$/.test(job.project) && (ci === "gitlab" || ci === "github");
  return {
    ci,
    event: "",
    issuer: "",
    audience: "",
    immutable: false,
    ...(isPath || example === undefined ? {} : { project: example }),
  };
}

function RefField({ job, choose }: { readonly job: Job; readonly choose: Choose }) {
  const { words } = useShell();
  const name = useId();
  const isTag = job.ref === "tag";
  return (
    <fieldset class="field">
      <legend>{words.ref}</legend>
      <div class="ref">
        <div class="switch" role="group">
          <button
            type="button"
            aria-pressed={!isTag}
            onClick={() => choose({ ref: "branch", name: isTag ? "main" : job.name })}
          >
            {words.branch}
          </button>
          <button
            type="button"
            aria-pressed={isTag}
            onClick={() => choose({ ref: "tag", name: isTag ? job.name : "v1.0.0" })}
          >
            {words.tag}
          </button>
        </div>
        <label class="unseen" for={name}>
          {isTag ? words.tag : words.branch}
        </label>
        <Text id={name} value={job.name} set={(chosen) => choose({ name: chosen })} />
      </div>
    </fieldset>
  );
}

function RoleField({ job, role, choose }: JobProps) {
  const { words, account } = useShell();
  const isMissing = job.role !== "" && !role;
  return (
    <Field label={words.role} note={isMissing ? words.noSuchRole : null}>
      {(id) => (
        <select
          id={id}
          value={role?.arn ?? job.role}
          onChange={(event) => choose({ role: event.currentTarget.value })}
          disabled={account.roles.length === 0 && !isMissing}
        >
          {account.roles.length === 0 && <option value="">{words.noRoles}</option>}
          {isMissing && <option value={job.role}>{job.role}</option>}
          {account.roles.map(({ arn, name }) => (
            <option key={arn} value={arn}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Field({
  label,
  note = null,
  children,
}: {
  readonly label: string;
  readonly note?: string | null;
  readonly children: (id: string) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {note !== null && <small>{note}</small>}
    </div>
  );
}

function Text({
  id,
  value,
  set,
  placeholder,
  list,
  numeric = false,
}: {
  readonly id: string;
  readonly value: string;
  readonly set: (text: string) => void;
  readonly placeholder?: string;
  readonly list?: string;
  readonly numeric?: boolean;
}) {
  return (
    <input
      id={id}
      type="text"
      lang="en"
      value={value}
      placeholder={placeholder}
      list={list}
      inputMode={numeric ? "numeric" : "text"}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      onInput={(event) => set(event.currentTarget.value)}
    />
  );
}
