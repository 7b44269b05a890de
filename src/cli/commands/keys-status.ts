import type { RolecallError } from "../../core/errors.ts";
import { isFinished, type Retirement } from "../../migrate/keys/retirement.ts";
import { stateFileOf } from "../../migrate/keys/state-file.ts";
import { defineCommand } from "../command.ts";
import { readRetirements, retirementFiles } from "../keys-state.ts";
import { colorsFor } from "../render/colors.ts";
import { renderRetirement, retirementJson } from "../render/keys.ts";
import { note, reportError } from "../report.ts";

export default defineCommand({
  name: "keys status",
  summary: "show where each key's retirement stands; AWS is not asked",
  usage: "[options]",
  examples: [
    ["rolecall keys status", "all of this folder"],
    ["rolecall keys status --user ci --json", "one of them, as JSON"],
  ],
  options: {
    user: { type: "string", value: "NAME", help: "this user's alone" },
    state: { type: "string", value: "FILE", help: "this file's alone" },
    json: { type: "boolean", help: "print JSON" },
  },
  notes:
    "Exit status: 0 when all are finished or there are none, 3 when one is not, 2 when a file cannot be used; the\n" +
    "others are shown all the same.",
  async run({ options }, io) {
    const one = options.state ?? (options.user === undefined ? undefined : stateFileOf(options.user));
    const files = one === undefined ? await retirementFiles() : [one];
    const { found, errors } = await readRetirements(files);
    const now = io.now();
    if (options.json) io.out(`${JSON.stringify(jsonOf(found, errors, now), null, 2)}\n`);
    else io.out(found.map((each) => renderRetirement(each, now, colorsFor(io, options))).join("\n"));
    const statuses = errors.map((error) => reportError(error, io));
    if (found.length === 0 && errors.length === 0 && !options.quiet)
      note(io, "no retirement has begun here: rolecall keys retire --user NAME --role ARN begins one");
    if (statuses.length > 0) return Math.max(...statuses);
    return found.every(isFinished) ? 0 : 3;
  },
});

function jsonOf(found: readonly Retirement[], errors: readonly RolecallError[], now: number): object {
  const unread = errors.length === 0 ? {} : { unread: errors.map(({ message }) => message) };
  return { version: 1, retirements: found.map((each) => retirementJson(each, now)), ...unread };
}
