import { readRoleArn } from "../core/arn.ts";
import { LEEWAY } from "../core/decision-steps.ts";
import { isoSeconds } from "../core/iso-date.ts";
import { audiencesOf, type Claims, readToken, showClaim, textClaim, timeClaim, type Token } from "../core/token.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { good, warning, bad } = findingsOf("token");

/** What a token says of itself, beside what AWS will ask of it. */
export function checkToken(token: Token, because: string, role: string, now: number): readonly Finding[] {
  const { claims } = token;
  return [
    ...checkMissing(claims),
    good(
      `${because}: iss ${textClaim(claims, "iss") ?? "absent"}, aud ${audiencesOf(claims).join(", ") || "absent"}, sub ${showClaim(claims, "sub") || "absent"}`,
    ),
    ...checkLife(claims, now),
    ...checkAudience(claims, role),
    ...checkSize(token),
    ...checkTags(claims),
  ];
}

function checkMissing(claims: Claims): readonly Finding[] {
  const missing = ["iss", "sub", "aud", "iat", "exp"].filter((name) => claims[name] === undefined);
  return missing.length === 0
    ? []
    : [
        bad(`it has no ${missing.join(", ")}, so it is no ID token for AWS`, {
          failure: "F04",
          fix: "take the variable that id_tokens: names, or ask the CI with an audience",
        }),
      ];
}

function checkLife(claims: Claims, now: number): readonly Finding[] {
  const [exp, iat] = [timeClaim(claims["exp"]), timeClaim(claims["iat"])];
  const seconds = Math.floor(now / 1000);
  if (iat !== null && iat > seconds + LEEWAY) {
    return [
      bad(`it was made ${iat - seconds} s in the future (${isoSeconds(iat)})`, {
        failure: "F53",
        fix: "set the clocks of runner and issuer by NTP",
      }),
    ];
  }
  if (exp === null) return [];
  if (exp <= seconds - LEEWAY) {
    return [
      bad(`it ended ${seconds - exp} s ago (${isoSeconds(exp)})`, {
        failure: "F40",
        fix: "exchange it earlier; on GitLab raise timeout: of the job",
      }),
    ];
  }
  if (exp <= seconds)
    return [
      warning(`it ended ${seconds - exp} s ago; STS takes it for ${exp + LEEWAY - seconds} s more`, { failure: "F40" }),
    ];
  return [good(`it is good for ${exp - seconds} s`)];
}

function checkAudience(claims: Claims, role: string): readonly Finding[] {
  const aud = textClaim(claims, "azp") ?? audiencesOf(claims)[0] ?? "";
  if (readRoleArn(role)?.partition === "aws-cn" && aud === "sts.amazonaws.com") {
    return [
      bad("the role is in China, and the audience is that of the other partitions", {
        failure: "F60",
        fix: "sts.amazonaws.com.cn in the CI file and in the provider",
      }),
    ];
  }
  if (aud.startsWith("sts.amazon.com") || aud === "sts.amazonaws.com/") {
    return [
      bad(`the audience ${aud} is nearly sts.amazonaws.com`, {
        failure: "F02",
        fix: "copy it letter by letter from the provider",
      }),
    ];
  }
  return aud.endsWith("/")
    ? [warning(`the audience ${aud} ends in a slash`, { failure: "F02", fix: "the provider's must end so too" })]
    : [];
}

/** Source: STS API model, WebIdentityToken. */
const LARGEST = 20_000;

export function checkSize({ raw }: Token): readonly Finding[] {
  const { length } = raw.reveal();
  return length > LARGEST
    ? [
        bad(`it has ${length} characters: STS takes ${LARGEST}`, {
          failure: "F82",
          fix: "take lists of groups out of it",
        }),
      ]
    : [];
}

function checkTags(claims: Claims): readonly Finding[] {
  const names = Object.keys(claims).filter((name) => /^https:\/\/aws\.amazon\.com\/(tags|source_identity)/.test(name));
  return names.length === 0
    ? []
    : [
        warning(`it carries ${names.join(", ")}`, {
          failure: "F56",
          fix: "the trust policy must allow sts:TagSession or sts:SetSourceIdentity too",
        }),
      ];
}

/** A file that clients send as it is: what else is in it beside the token. */
export function checkTokenFile(path: string, text: string): readonly Finding[] {
  const fix = `printf %s "$TOKEN" > ${path}`;
  if (text === "") return [bad(`${path} is empty`, { failure: "F39", fix })];
  if (readToken(text).kind === "token") return [];
  if (readToken(text.replace(/\r?\n$/, "")).kind === "token") {
    return [warning(`${path} ends in a line break, which CLI and SDKs send to STS`, { failure: "F76", fix })];
  }
  const inner = text.trim().replaceAll(/["'\s\\]|\\n/g, "");
  return readToken(inner).kind === "token"
    ? [bad(`${path} has quotes or white space around the token`, { failure: "F76", fix })]
    : [bad(`${path} holds no JWT`, { failure: "F39", fix: "write the ID token itself into it" })];
}
