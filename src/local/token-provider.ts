import { issuerName } from "../core/arn.ts";
import type { Provider } from "../core/decide.ts";
import { textClaim, type Token } from "../core/token.ts";
import { isLoopback } from "../wire/discovery.ts";

/** The provider of a token's issuer: exactly its URL, over https (or http, on this machine). */
export function findProvider(providers: Iterable<Provider>, token: Token): Provider | null {
  const issuer = textClaim(token.claims, "iss") ?? "";
  if (!issuer.startsWith("https://") && !isLocal(issuer)) return null;
  const url = issuerName(issuer);
  for (const provider of providers) if (provider.url === url) return provider;
  return null;
}

function isLocal(issuer: string): boolean {
  return issuer.startsWith("http://") && URL.canParse(issuer) && isLoopback(new URL(issuer).hostname);
}
