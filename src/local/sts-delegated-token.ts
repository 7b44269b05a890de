import { operation } from "./operation.ts";
import { text } from "./parameters.ts";
import { refuse } from "./refusal.ts";

/**
 * Trades a token of a delegation request for credentials. No such request is made here, so that no token is good; of
 * the errors in the API model this is the only one about the token, and its text is the model's own description.
 */
export const getDelegatedAccessToken = operation({
  // Source: STS API model (botocore 1.43.107), which sets no limits.
  parameters: { TradeInToken: text({ sensitive: true }) },
  access: () => "*",
  run: () =>
    refuse(
      400,
      "ExpiredTradeInTokenException",
      "The trade-in token provided in the request has expired and can no longer be exchanged for credentials. Request a new token and retry the operation.",
    ),
});
