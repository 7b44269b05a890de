import type { Scope } from "../../ci/ci.ts";
import type { Reach, Subject } from "../model/reach.ts";
import type { Words } from "../words/index.ts";

/** Whom a statement lets in, in plain words: one line for each subject. */
export function sayReach(reach: Reach, words: Words): readonly string[] {
  const { providers, others, subjects, rest } = reach;
  const via = providers.map((url) => words.reach.via(url)).join(words.reach.or);
  const about = [via, sayAudience(reach, words), ...rest.map((one) => words.reach.if(sayCondition(one)))];
  const who = subjects ? subjects.map((one) => saySubject(one, words)) : [words.reach.anyone];
  return [
    ...(providers.length > 0 ? who.map((one) => `${one} (${about.join(", ")})`) : []),
    ...others.map((principal) => words.reach.other(principal)),
  ];
}

function sayAudience({ audiences }: Reach, words: Words): string {
  return audiences ? words.reach.audience(audiences.join(words.reach.or)) : words.reach.anyAudience;
}

function sayCondition({ operator, key, values }: Reach["rest"][number]): string {
  return `${key} ${operator} ${values.join(", ")}`;
}

function saySubject(subject: Subject, words: Words): string {
  return subject.kind === "text" ? words.reach.subject(subject.text) : sayScope(subject.scope, words);
}

function sayScope({ project, branch, tag, environment, pullRequests }: Scope, { reach }: Words): string {
  const parts = [
    ...(branch === undefined ? [] : [reach.branch(branch)]),
    ...(tag === undefined ? [] : [reach.tag(tag)]),
    ...(environment === undefined ? [] : [reach.environment(environment)]),
    ...(pullRequests ? [reach.pulls] : []),
  ];
  return reach.of(parts.length > 0 ? parts.join(reach.and) : reach.every, project);
}
