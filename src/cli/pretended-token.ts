import type { PretendedJob } from "../ci/ci.ts";
import { CIS, findCi } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { type Claims, parseToken, type Token } from "../core/token.ts";

const TEXTS = ["branch", "tag", "environment", "event", "audience", "issuer"];
const EXAMPLE = "gitlab acme/shop branch=dev";

/**
 * A token as a job of this description would have it, with no signature: `gitlab acme/shop branch=dev`.
 * `claim.NAME=VALUE` gives a claim another value.
 *
 * @param audience what the token is for, unless the description says
 * @throws RolecallError `usage`
 */
export function pretendedToken(description: string, audience: string | undefined, now: number): Token {
  const [id = "", project = "", ...words] = description.trim().split(/\s+/);
  const ci = findCi(id);
  if (!ci || project === "" || project.includes("=")) throw wrong(description, id);
  const pairs = words.map(readPair);
  const unknown = pairs.find(([name]) => !TEXTS.includes(name) && name !== "immutable" && !name.startsWith("claim."));
  if (unknown) throw wrong(description, unknown[0]);
  const fields = Object.fromEntries(pairs.filter(([name]) => TEXTS.includes(name)));
  const immutable = pairs.some(([name, value]) => name === "immutable" && value !== "false");
  const job: PretendedJob = { project, issuedAt: Math.floor(now / 1000), immutable, ...fields };
  const aud = job.audience ?? audience ?? ci.defaultAudience(job) ?? "sts.amazonaws.com";
  const changed = pairs.filter(([name]) => name.startsWith("claim.")).map(([name, value]) => [name.slice(6), value]);
  return unsigned({ ...ci.pretend({ ...job, audience: aud }), ...(Object.fromEntries(changed) as Claims) });
}

function readPair(word: string): readonly [string, string] {
  const at = word.indexOf("=");
  return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
}

function unsigned(claims: Claims): Token {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return parseToken(`${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}.AA`, "the pretended job");
}

function wrong(description: string, word: string): RolecallError {
  const known = findCi(word) ? [...TEXTS, "immutable"] : CIS.map(({ id }) => id);
  const meant = nearest(word, known);
  return new RolecallError(
    "usage",
    `--as ${JSON.stringify(description)}: expected a CI, a project and what narrows it: '${EXAMPLE}'`,
    {
      hints: [
        ...(meant ? [`did you mean ${meant}?`] : []),
        ...(findCi(word) ? [] : [`CIs: ${CIS.map(({ id }) => id).join(", ")}`]),
        `words: ${TEXTS.join("=, ")}=, immutable, claim.NAME=`,
      ],
    },
  );
}
