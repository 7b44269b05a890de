import { shellWord } from "../../core/shell-word.ts";
import type { Json } from "../../core/token.ts";
import { fillMarks } from "./marks.ts";

const FILLING = { account: '"$account"', partition: '"$partition"' };

/** A text as one word of a script that has set `account` and `partition`. */
export function word(text: string): string {
  if (text === "") return "''";
  return fillMarks(text, FILLING, (literal) => (literal === "" ? "" : shellWord(literal)));
}

/** A document as one word, on several lines. */
export function documentWord(document: Json): string {
  return word(JSON.stringify(document, null, 2));
}

/** What an option of the AWS CLI cannot be told plainly: version 1 fetches URLs, both read `file://`. */
const UNSAFE = /^(?:-|[a-z]+:\/\/)/i;

/**
 * A call of the AWS CLI. Values that it would not take as they stand go into one JSON document.
 *
 * @param values by the names that the API gives them; a list or an object is written as JSON
 * @param words options that are words of the script already, such as `"$trust"`
 */
export function awsCall(
  operation: string,
  values: { readonly [parameter: string]: Json },
  words: Readonly<Record<string, string>> = {},
): string {
  const entries = Object.entries(values);
  const plain = entries.filter(([, value]) => typeof value !== "string" || !UNSAFE.test(value));
  const unsafe = entries.filter(([, value]) => typeof value === "string" && UNSAFE.test(value));
  const options = [
    ...plain.map(
      ([name, value]) => `${optionName(name)} ${word(typeof value === "string" ? value : JSON.stringify(value))}`,
    ),
    ...Object.entries(words).map(([name, value]) => `${optionName(name)} ${value}`),
    ...(unsafe.length === 0 ? [] : [`--cli-input-json ${word(JSON.stringify(Object.fromEntries(unsafe)))}`]),
  ];
  return `aws iam ${operation} ${options.join(" ")}`;
}

/** `RoleName` as `--role-name`, `ClientIDList` as `--client-id-list`, `OpenIDConnectProviderArn` as AWS's CLI has it. */
function optionName(parameter: string): string {
  const words = parameter
    .replaceAll("OpenIDConnect", "OpenIdConnect")
    .replaceAll("ID", "Id")
    .replaceAll(/(?<!^)[A-Z]/g, "-$&");
  return `--${words.toLowerCase()}`;
}
