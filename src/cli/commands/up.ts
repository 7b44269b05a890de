import { type Config, readConfig } from "../../account/config.ts";
import { RolecallError } from "../../core/errors.ts";
import { createLocalCloud, type LocalCloud, parseWeather } from "../../local/index.ts";
import { provision } from "../chunks/provision.ts";
import { RESOLVE_OPTIONS, resolvedConfig } from "../ci-api.ts";
import { defineCommand } from "../command.ts";
import type { Io } from "../io.ts";
import { DEFAULT_PORT } from "../local-endpoint.ts";
import { note } from "../report.ts";

export default defineCommand({
  name: "up",
  summary: "start a local AWS (STS, IAM) with CI issuers, on this machine only",
  usage: "[options]",
  examples: [
    ["rolecall up", `on port ${DEFAULT_PORT}, until Ctrl-C`],
    [
      "rolecall up --config rolecall.yaml --port 0 --json",
      "with the roles of a file, on a free port, one line of JSON when ready",
    ],
  ],
  options: {
    port: { type: "string", value: "N", help: `the port on 127.0.0.1; 0 is a free one (by default ${DEFAULT_PORT})` },
    account: { type: "string", value: "ID", help: "the account's twelve digits (by default 123456789012)" },
    "admin-key": {
      type: "string",
      value: "ID:SECRET",
      env: ["ROLECALL_ADMIN_KEY"],
      help: "access key of the user admin (by default made anew)",
    },
    state: { type: "string", value: "FILE", help: "keep providers, roles and keys in this file" },
    config: { type: "string", value: "FILE", help: "create what this rolecall.yaml describes" },
    ...RESOLVE_OPTIONS,
    upstream: { type: "string", value: "URL", help: "hand calls to other services on to this server" },
    weather: {
      type: "string",
      value: "LIST",
      help: "what goes wrong: propagation=10s,key-unreachable=3,throttle=5,error=5,slow=200ms,skew=-120s",
    },
    "sts-texts": {
      type: "string",
      value: "YEAR",
      choices: ["2026", "2025"],
      help: "STS's error texts of 2026 or 2025 (by default 2026)",
    },
    json: { type: "boolean", help: "print one line of JSON when ready" },
  },
  notes: "AWS clients use it with AWS_ENDPOINT_URL and the access key that is printed; jobs with rolecall job.",
  async run({ options }, io) {
    const account = readAccount(options.account);
    const adminKey = readAdminKey(options["admin-key"] ?? io.env["ROLECALL_ADMIN_KEY"]);
    const config = await configOf(options, io);
    const cloud = await createLocalCloud({
      port: readPort(options.port),
      ...(account === undefined ? {} : { account }),
      stsTexts: readTexts(options["sts-texts"]),
      ...(adminKey ? { adminKey } : {}),
      ...(options.upstream === undefined ? {} : { upstream: options.upstream }),
      ...(options.weather === undefined ? {} : { weather: parseWeather(options.weather) }),
      ...(options.state === undefined ? {} : { state: options.state }),
    });
    try {
      if (config) await provision(cloud, config);
      announce(cloud, options.json, io);
      await untilStopped();
      return 0;
    } finally {
      await cloud.close();
    }
  },
});

async function configOf(
  options: { readonly config: string | undefined } & Parameters<typeof resolvedConfig>[1],
  io: Io,
): Promise<Config | null> {
  if (options.config !== undefined) return await resolvedConfig(await readConfig(options.config), options, io);
  if (!options.resolve) return null;
  throw new RolecallError("usage", "up: --resolve goes with --config", {
    hints: ["rolecall up --config rolecall.yaml --resolve"],
  });
}

function announce(cloud: LocalCloud, json: boolean, io: Io): void {
  const { endpoint, account, admin, issuers, console } = cloud;
  if (json) {
    io.out(`${JSON.stringify({ endpoint, account, admin, issuers, console })}\n`);
    return;
  }
  io.out(
    [
      `local AWS at ${endpoint}, account ${account}`,
      `console  ${console}`,
      "",
      "an AWS client of this machine uses it with",
      `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1`,
      `  export AWS_ACCESS_KEY_ID=${admin.accessKeyId} AWS_SECRET_ACCESS_KEY=${admin.secretAccessKey}`,
      "",
      "a pretended job with",
      `  rolecall job gitlab --endpoint-url ${endpoint} --project acme/shop --branch main --audience AUD -- CMD`,
      "",
    ].join("\n"),
  );
  note(io, "Ctrl-C stops it");
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

function readPort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new RolecallError("usage", `up: --port is not a port: expected 0 to 65535, got ${JSON.stringify(text)}`);
}

function readAccount(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{12}$/.test(text)) return text;
  throw new RolecallError(
    "usage",
    `up: --account is not an account id: expected twelve digits, got ${JSON.stringify(text)}`,
  );
}

function readTexts(text = "2026"): "2025" | "2026" {
  if (text === "2025" || text === "2026") return text;
  throw new RolecallError("usage", `up: --sts-texts: expected 2026 or 2025, got ${JSON.stringify(text)}`);
}

function readAdminKey(text: string | undefined): { accessKeyId: string; secretAccessKey: string } | null {
  if (text === undefined) return null;
  const [, accessKeyId, secretAccessKey] = /^(\w{1,128}):(\S+)$/.exec(text) ?? [];
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  throw new RolecallError(
    "usage",
    "up: --admin-key is not ID:SECRET: expected an access key id, a colon, and a secret",
  );
}
