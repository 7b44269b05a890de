import { issuerName } from "../../core/arn.ts";
import type { DesiredProvider, DesiredRole } from "../desired.ts";

/** How a format makes a name of words. */
type Style = (words: readonly string[]) => string;

/** `GitlabCom`: letters and digits, as CloudFormation wants, and a letter first, as TypeScript does. */
export const pascal: Style = (words) =>
  words
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
    .replace(/^(?=\d)/, "N");

/** `gitlab_com`, as Terraform wants: not a digit first. */
export const snake: Style = (words) =>
  words
    .join("_")
    .toLowerCase()
    .replace(/^(?=\d|$)/, "_");

/** Gives every thing of an export a name of its own: a second one that would have the same gets a 2. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #style: Style;

  constructor(style: Style) {
    this.#style = style;
  }

  /** @param texts joined into one name, what is neither letter nor digit apart */
  take(...texts: readonly string[]): string {
    const words = texts.flatMap((text) => text.split(/[^A-Za-z0-9]+/)).filter((word) => word !== "");
    const wanted = this.#style(words).slice(0, 200);
    let name = wanted;
    for (let count = 2; this.#taken.has(name.toLowerCase()); count += 1) name = `${wanted}${count}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

/** Names of an export's providers and roles by ARN, since role names may differ in what names here cannot have. */
export function namesOf(
  names: Names,
  things: readonly (DesiredProvider | DesiredRole)[],
  ...suffix: readonly string[]
): ReadonlyMap<string, string> {
  return new Map(
    things.map((thing) => [thing.arn, names.take("url" in thing ? issuerName(thing.url) : thing.name, ...suffix)]),
  );
}
