/** What STS said, as far as it is in a pasted text. */
export interface ErrorText {
  /** Empty when the tool dropped it. */
  readonly code: string;
  readonly message: string;
}

// The AWS CLI, and botocore's exceptions.
const BOTOCORE = /An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: ([^]+)/;
// rolecall's own, the AWS SDKs', configure-aws-credentials'.
const WITH_CODE =
  /\b(AccessDenied|InvalidIdentityToken|ExpiredTokenException|IDPCommunicationError|ValidationError|MalformedPolicyDocument)(?:Exception)?\b[):\s]+([^]+)/;
// The XML of the answer.
const XML = /<Code>([^<]+)<\/Code>\s*<Message>([^<]*)<\/Message>/;

/** Where STS's own words begin in what a tool made of them. */
const WORDS =
  /Not authorized to perform sts:|The web identity token provided could|Incorrect token audience|No OpenIDConnect provider|Couldn't retrieve verification key|OpenIDConnect provider's HTTPS|Missing a required claim|The ID Token provided is not|Token issued in the future|Token not yet valid|Token expired|Request ARN is invalid|The requested DurationSeconds|The target role ARN is not/;

/** Finds STS's code and text in what was pasted: the AWS CLI's line, an SDK's, an XML answer, or the text alone. */
export function readErrorText(pasted: string): ErrorText {
  const text = pasted.trim();
  const [, code = "", rest = text] = XML.exec(text) ?? BOTOCORE.exec(text) ?? WITH_CODE.exec(text) ?? [];
  const words = WORDS.exec(rest);
  const message = (words ? rest.slice(words.index) : rest).trim();
  // Only this denial has the text; a tool that dropped the code has not made it another.
  return { code: code === "" && message.startsWith("Not authorized to perform sts:") ? "AccessDenied" : code, message };
}
