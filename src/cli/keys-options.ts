import { RolecallError } from "../core/errors.ts";
import type { Options } from "./command.ts";

/** Options that the commands about access keys share. */
export const KEYS_OPTIONS = {
  "endpoint-url": {
    type: "string",
    value: "URL",
    env: ["AWS_ENDPOINT_URL"],
    help: "another AWS to ask, for example the local cloud's",
  },
  json: { type: "boolean", help: "print JSON" },
} as const satisfies Options;

/** @throws RolecallError `usage` when an option that is needed is missing */
export function needed(value: string | undefined, command: string, option: string, meaning: string): string {
  if (value !== undefined && value !== "") return value;
  throw new RolecallError("usage", `${command}: expected ${option}: ${meaning}`, {
    hints: [`rolecall help ${command} shows its options`],
  });
}
