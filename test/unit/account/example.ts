import { readFileSync } from "node:fs";

import { type Config, parseConfig } from "../../../src/account/config.ts";
import { type Desired, desiredState } from "../../../src/account/desired.ts";

export const ACCOUNT = "123456789012";

/** The text of examples/gitlab/rolecall.yaml, of which most tests change one thing. */
export const EXAMPLE = readFileSync(new URL("../../../examples/gitlab/rolecall.yaml", import.meta.url), "utf8");

/** A configuration with one role, as short as can be; each entry is one of `allow`. */
export function config(allow: readonly string[], more: readonly string[] = []): Config {
  return parseConfig(
    [
      "version: 1",
      "roles:",
      "  shop:",
      "    ci: gitlab",
      "    audience: https://shop.test",
      ...more.map((line) => `    ${line}`),
      "    allow:",
      ...allow.map((entry) => `      - ${entry}`),
    ].join("\n"),
    "rolecall.yaml",
  );
}

export function desired(text: string = EXAMPLE): Desired {
  return desiredState(parseConfig(text, "rolecall.yaml"), { account: ACCOUNT, partition: "aws" });
}
