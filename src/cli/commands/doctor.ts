import { checkEnvironment } from "../../doctor/check-environment.ts";
import { checkInputs } from "../../doctor/check-inputs.ts";
import { checkTools } from "../../doctor/check-tools.ts";
import type { Finding } from "../../doctor/finding.ts";
import { defineCommand } from "../command.ts";
import { checkClock, checkPolicy, checkSession } from "../doctor-aws.ts";
import { checkJobToken } from "../doctor-token.ts";
import { DOCTOR_OPTIONS, readPlace } from "../doctor-place.ts";
import { colorsFor } from "../render/colors.ts";
import { renderFindings } from "../render/doctor.ts";

export default defineCommand({
  name: "doctor",
  summary: "look at everything between this job and its role, the cheapest evidence first",
  usage: "[options]",
  examples: [
    ["rolecall doctor", "in the job: environment, token, issuer, clock, policy, exchange, tools"],
    ["rolecall doctor --offline", "what can be said without asking anybody"],
    ["rolecall doctor --role arn:aws:iam::123456789012:role/shop-deploy --json", "with a role, as JSON"],
  ],
  options: DOCTOR_OPTIONS,
  notes:
    "Tokens and keys are never printed. The exchange is tried once, and its credentials are thrown away. Exit status: 0 when nothing is wrong (✗), 3 when something is; rolecall help F18 tells more about one.",
  async run({ options }, io) {
    const place = await readPlace(options, io);
    const findings: Finding[] = [...checkEnvironment(place.surroundings), ...checkInputs(place.inputs)];
    const { token, findings: ofToken } = await checkJobToken(place, options, io);
    findings.push(...ofToken);
    if (!options.offline) findings.push(...(await checkClock(place, io)));
    findings.push(...(await checkPolicy(place, token, options, io)));
    if (!options.offline) findings.push(...(await checkSession(place, token, options, io)));
    findings.push(...(await checkTools(io.env, place.surroundings.profiles)));
    if (options.json) io.out(`${JSON.stringify({ findings }, null, 2)}\n`);
    else io.out(`${renderFindings(findings, colorsFor(io, options)).join("\n")}\n`);
    return findings.some(({ state }) => state === "bad") ? 3 : 0;
  },
});
