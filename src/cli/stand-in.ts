import { writeFile } from "node:fs/promises";
import type { TokenRequest } from "../ci/ci.ts";

/**
 * Writes a stand-in for the command by which jobs of a CI ask for ID tokens (`circleci run oidc get`,
 * `buildkite-agent oidc request-token`): its options go to the local cloud as they are.
 */
export async function writeStandIn(path: string, request: TokenRequest): Promise<void> {
  await writeFile(path, `#!${process.execPath}\nconst request = ${JSON.stringify(request)};\n${PROGRAM}`, {
    mode: 0o700,
  });
}

// CommonJS, since the file has no extension.
const PROGRAM = String.raw`
const { argv } = process;
if (!/^(run oidc get|oidc request-token)( |$)/.test(argv.slice(2).join(" "))) {
  console.error("this stand-in of rolecall job only makes ID tokens");
  process.exit(2);
}
const url = new URL(request.url);
for (let at = 2; at < argv.length; at++) {
  const [, name, value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(argv[at]) ?? [];
  if (name && value !== undefined) url.searchParams.set(name, value);
  else if (name && at + 1 < argv.length && !argv[at + 1].startsWith("--")) url.searchParams.set(name, argv[++at]);
}
require("node:http")
  .get(url, { headers: { authorization: "Bearer " + request.bearer } }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part) => (text += part));
    answer.on("end", () => {
      const { value, error } = JSON.parse(text);
      if (value) process.stdout.write(value + "\n");
      else console.error(error);
      process.exitCode = value ? 0 : 1;
    });
  })
  .on("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
`;
