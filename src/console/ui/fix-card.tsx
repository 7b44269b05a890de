import type { FixView, FormText } from "../model/fix-view.ts";
import type { Job } from "../model/job.ts";
import { Action, Code, type Tab, Tabs, useFew } from "./parts.tsx";
import { useShell } from "./shell.ts";

/** One way to mend it, in every form that somebody may keep it in, and what else it would do. */
export function FixCard({ fix, choose }: { readonly fix: FixView; readonly choose: (change: Partial<Job>) => void }) {
  const { words, api, refresh } = useShell();
  const few = useFew();
  const tabs: readonly Tab[] = fix.forms.map((one) => ({
    id: one.form,
    label: words.forms[one.form],
    content: <FormBody one={one} />,
  }));
  const change = async (): Promise<void> => {
    for (const call of fix.calls) await api.change(call);
    await refresh();
  };
  const { proof, audience, duration } = fix;
  const title = fix.titles.map((one) => words.fixes[one]).join(" + ");
  return (
    <article class="fix">
      <h4>{title}</h4>
      {fix.advice !== null && <p lang="en">{fix.advice}</p>}
      {tabs.length > 0 && <Tabs tabs={tabs} label={title} />}
      {proof && (
        <p class={proof.alsoAdmits.length > 0 ? "text-fail" : "faint"}>
          {proof.alsoAdmits.length > 0 ? words.admits(few(proof.alsoAdmits)) : words.proved(proof.tried)}
          {proof.indistinguishable.length > 0 && ` ${words.sameToAws(few(proof.indistinguishable))}`}
        </p>
      )}
      {fix.holdsOnce && <p class="text-fail">{words.holdsOnce}</p>}
      <p class="fix-acts">
        {audience !== null && (
          <button type="button" onClick={() => choose({ audience })}>
            {words.choose}
          </button>
        )}
        {duration !== null && (
          <button type="button" onClick={() => choose({ duration: String(duration) })}>
            {words.choose}
          </button>
        )}
        {fix.calls.length > 0 && <Action label={words.applyHere} act={change} done={words.applied} />}
      </p>
    </article>
  );
}

function FormBody({ one }: { readonly one: FormText }) {
  const { words } = useShell();
  if (!one.diff) return <Code text={one.text} label={words.forms[one.form]} />;
  return (
    <Code text={one.text} label={words.forms[one.form]}>
      {one.diff.map(({ sign, text }, at) => {
        if (sign === "+") return <ins key={at}>{`+ ${text}\n`}</ins>;
        if (sign === "-") return <del key={at}>{`- ${text}\n`}</del>;
        return <span key={at}>{`  ${text}\n`}</span>;
      })}
    </Code>
  );
}
