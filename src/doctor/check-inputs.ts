import { readRoleArn } from "../core/arn.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { good, bad, warning } = findingsOf("inputs");

export interface Inputs {
  /** As it was given, and where; null when it was not. */
  readonly role: Given | null;
  readonly sessionName: Given | null;
}

interface Given {
  readonly value: string;
  readonly from: string;
}

/** What STS would refuse before it looks at the token. */
export function checkInputs({ role, sessionName }: Inputs): readonly Finding[] {
  return [...checkRole(role), ...(sessionName ? checkSessionName(sessionName) : [])];
}

function checkRole(role: Given | null): readonly Finding[] {
  if (role === null) return [warning("no role: give --role ARN or AWS_ROLE_ARN to look at it too")];
  const { value, from } = role;
  if (readRoleArn(value)) return [good(`the role is ${value} (${from})`)];
  if (value === "") {
    return [
      bad(`${from} is set and empty`, {
        failure: "F35",
        fix: "a protected CI variable is absent on refs that are not protected",
      }),
    ];
  }
  if (value !== value.trim() && readRoleArn(value.trim())) {
    return [bad(`${from} has white space around the ARN`, { failure: "F36", fix: `${from}=${value.trim()}` })];
  }
  if (/\$\{?\w+/.test(value) || /^arn:[\w-]*:iam::(?!\d{12}:)/.test(value)) {
    return [
      bad(`${from} is half expanded: ${JSON.stringify(value.slice(0, 120))}`, {
        failure: "F35",
        fix: "set the variable in it for this job, with twelve digits",
      }),
    ];
  }
  return [
    bad(`${from} is no role's ARN: ${JSON.stringify(value.slice(0, 120))}`, {
      failure: "F36",
      fix: "arn:aws:iam::123456789012:role/NAME",
    }),
  ];
}

// Source: STS API reference, AssumeRoleWithWebIdentity, RoleSessionName.
function checkSessionName({ value, from }: Given): readonly Finding[] {
  const fix = `${from.startsWith("--") ? `leave ${from} out` : `unset ${from}`}: rolecall makes a good name`;
  if (!/^[\w+=,.@-]*$/.test(value)) {
    return [
      bad(`${from} has characters that STS does not take: ${JSON.stringify(value.slice(0, 80))}`, {
        failure: "F37",
        fix,
      }),
    ];
  }
  if (value.length < 2 || value.length > 64) {
    return [bad(`${from} has ${value.length} characters: STS takes 2 to 64`, { failure: "F38", fix })];
  }
  return [good(`the session is named ${value}`)];
}
