import { RolecallError } from "../../core/errors.ts";
import { candidatesFor } from "../../core/failures.ts";
import type { Refusal } from "../../credentials/exchange.ts";
import type { Plan } from "../exchange-token.ts";
import { describeToken } from "../find-token.ts";

/** How many causes are told; more would only hide the first. */
const SHOWN = 3;

/** STS's refusal as an error: its own words, what the token says, the likeliest causes and their mending. */
export function explainRefusal(refusal: Refusal, { found, role, call }: Plan, now: number): RolecallError {
  if (refusal.status >= 500 || BUSY.test(refusal.code)) return busy(refusal, call.roleArn);
  const candidates = candidatesFor(refusal.code, refusal.message, {
    claims: found.token.claims,
    role,
    now,
    stsDate: refusal.date,
  }).slice(0, SHOWN);
  const causes = candidates.map(({ id, title, evidence }) => `${id} ${title}${evidence ? ` (${evidence})` : ""}`);
  return new RolecallError("refused", `STS refused ${call.roleArn}: ${refusal.code}: ${refusal.message}`, {
    details: [
      ...describeToken(found.token).map(([name, value]) => `token ${name}  ${value}`),
      ...(refusal.requestId ? [`request    ${refusal.requestId}`] : []),
      ...(causes.length > 0 ? ["likely causes:", ...causes.map((cause) => `  ${cause}`)] : []),
    ],
    hints: [
      ...candidates.map(({ id, fix }) => `${id}: ${fix}`),
      `which it is, by the trust policy: rolecall explain --role ${role.arn}`,
    ],
  });
}

const BUSY = /^(Throttling|RequestLimitExceeded|ServiceUnavailable)/;

/** AWS has not said no, but nothing: what the token says would only mislead. */
function busy({ code, message, requestId }: Refusal, roleArn: string): RolecallError {
  return new RolecallError(
    "unavailable",
    `STS gave no session of ${roleArn}, also after retries: ${code}: ${message}`,
    {
      details: requestId ? [`request    ${requestId}`] : [],
      hints: ["try again later; --timeout gives it longer, up to 10m"],
    },
  );
}
