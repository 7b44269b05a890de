import { timeClaim } from "../token.ts";
import type { Failure } from "./failure.ts";

/** What is wrong with the exchange itself: the token sent, the role and the options asked for, the time. */
export const EXCHANGE_FAILURES = {
  F04: {
    title: "the token is another than the job's ID token",
    fix: () => "take the variable that id_tokens: names; CI_JOB_TOKEN and the old CI_JOB_JWT are no ID tokens",
  },
  F36: {
    title: "there is no such role in that account, or it is spelt otherwise",
    fix: ({ role }) => `aws iam get-role --role-name ${role.name}   # in account ${role.account}`,
  },
  F37: {
    title: "the session name has characters that STS does not take",
    fix: () => "leave --session-name out, or use letters, digits and _+=,.@-",
  },
  F40: {
    title: "the ID token is past its end",
    tell: ({ claims, now }) => {
      const exp = timeClaim(claims["exp"]);
      return exp !== null && exp * 1000 < now ? `it ended ${Math.round(now / 1000 - exp)} s ago` : null;
    },
    fix: () => "GitLab's token lives as long as the job's timeout: raise timeout: in the job, or exchange earlier",
  },
  F43: {
    title: "the duration is above the role's maximum",
    fix: ({ role }) =>
      `ask for less with --duration, or: aws iam update-role --role-name ${role.name} --max-session-duration 43200`,
  },
  F52: {
    title: "provider or role were made a moment ago; IAM takes up to a minute",
    fix: () => "wait 20 s and try again",
  },
  F53: {
    title: "clocks differ",
    tell: ({ now, stsDate }) => {
      const skew = stsDate ? Math.round((now - stsDate.getTime()) / 1000) : 0;
      return Math.abs(skew) > 60
        ? `this machine's clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} AWS's`
        : null;
    },
    fix: () => "set the clock of the runner, or of the GitLab server, by NTP",
  },
} as const satisfies Record<string, Failure>;
