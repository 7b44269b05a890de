import { CIS, findCi } from "../../ci/index.ts";
import { didYouMean, hints, isMapping, type Rule, text } from "./rule.ts";

const ids = CIS.map(({ id }) => id);

function isHttpsIssuer(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null; // URL.parse is not in Node 20
  return url?.protocol === "https:" && url.port === "" && url.username === "" && !/[?#]/.test(value);
}

// The local AWS takes plain http on the loopback interface, as IAM does not.
function isLoopbackIssuer(value: string): boolean {
  return /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/[^?#]*)?$/.test(value);
}

/** Who makes the tokens, and for whom. */
export const ISSUER_RULES = {
  ci: {
    expected: `a CI that rolecall knows: ${ids.join(", ")}`,
    example: "gitlab",
    accepts: (value) => ids.some((id) => id === value),
    schema: { enum: ids },
    hint: (value) => didYouMean(value, ids),
  },
  audience: {
    expected: "an audience: 1 to 255 characters without white space and without *",
    example: "https://shop-deploy.test",
    // Of a token's audience only the whole text counts, so a wildcard would let nobody in.
    ...text(/^[\u0021-\u007e]{1,255}$/, (value) => !value.includes("*")),
  },
  "audience-needed": {
    expected: "an audience of your own, since the one made of project and role has more than 255 characters",
    accepts: () => true,
    hint: () => "add audience: https://shop-deploy.test",
  },
  issuer: {
    expected: "the https:// address of the CI, without port, query and trailing slash",
    example: "https://gitlab.example.com",
    ...text(
      /^[\u0021-\u007e]{1,255}$/,
      (value) => !value.endsWith("/"),
      (value) => isHttpsIssuer(value) || isLoopbackIssuer(value),
    ),
    hint: hints(
      // IAM and STS compare the issuer with the token's iss letter by letter.
      [/^https:\/\/.+\/$/, (url) => `without the slash at its end: ${url.replace(/\/+$/, "")}`],
      [/^[\w-]+(\.[\w-]+)+$/, (host) => `with its scheme: https://${host}`],
    ),
  },
  "issuer-needed": {
    expected: "the address of your instance, since this CI has no issuer of its own",
    accepts: (value) => isMapping(value) && ("issuer" in value || findCi(String(value["ci"]))?.issuer !== null),
    hint: () => "add issuer: https://…",
  },
} as const satisfies Record<string, Rule>;
