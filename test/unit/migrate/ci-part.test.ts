import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import creds from "../../../src/cli/commands/creds.ts";
import exec from "../../../src/cli/commands/exec.ts";
import { parseInput } from "../../../src/cli/command.ts";
import { PARTS, type PartSetup, TOOLS } from "../../../src/migrate/ci-part.ts";
import { run } from "../../support/run.ts";

const ROLE = "arn:aws:iam::123456789012:role/shop-deploy";
const SETUPS = Object.keys(PARTS).flatMap((ci) =>
  TOOLS.flatMap((tool) =>
    (["node", "shell", "none"] as const).flatMap((image) => {
      const setup: PartSetup = { role: ROLE, audience: "https://shop.test", tool, image };
      const lines = PARTS[ci]?.lines(setup) ?? null;
      return lines ? [{ ci, tool, image, text: `${lines.join("\n")}\n` }] : [];
    }),
  ),
);

/** Every text in a value. */
function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(texts);
}

function scriptsOf({ ci, text }: (typeof SETUPS)[number]): readonly string[] {
  if (ci !== "jenkins") return texts(parse(text));
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "sh '''");
}

function named({ ci, tool, image }: (typeof SETUPS)[number]): string {
  return `${ci} for ${tool}, image ${image}`;
}

describe("the part for every CI, tool and image", () => {
  it.each(SETUPS.map((one) => [named(one), one] as const))(
    "%s has one line of rolecall, which rolecall takes",
    (_, part) => {
      const lines = scriptsOf(part)
        .flatMap((text) => text.split("\n"))
        .filter((line) => /rolecall@|rolecall\.sh/.test(line) && !line.startsWith("#"));
      const isPerCommand = part.ci === "buildkite" && (part.tool === "terraform" || part.tool === "docker");
      expect(lines).toHaveLength(isPerCommand ? 2 : 1);
      for (const line of lines) {
        const [, name, rest = ""] = /rolecall@\S+ (creds|exec) (.*?)(?:\)"|$)/.exec(line) ?? [];
        const words = rest.split(" ");
        if (name === undefined) expect(line).toMatch(/sh rolecall\.sh --role arn:/);
        else expect(() => (name === "creds" ? parseInput(creds, words) : parseInput(exec, words))).not.toThrow();
      }
      expect(part.text).toMatch(/^(?:#|\/\/) no key is stored anywhere/);
    },
  );

  it("has commands that a shell can read", async () => {
    const commands = SETUPS.flatMap(scriptsOf).filter((text) =>
      /^(?:eval|sh|npx|aws|terraform|docker|sam) /.test(text),
    );
    expect(commands.length).toBeGreaterThan(SETUPS.length);
    const { status, stderr } = await run("sh", ["-n"], { input: commands.join("\n") });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the image of the job", () => {
  const of = (ci: string, tool: string, image: string): unknown => {
    const text = SETUPS.find((one) => one.ci === ci && one.tool === tool && one.image === image)?.text ?? "";
    return parse(text) as unknown;
  };

  it("has what GitHub's token needs, in a container without Node.js", () => {
    const { deploy } = of("github", "terraform", "shell") as {
      deploy: { container: string; steps: { run?: string }[] };
    };
    expect(deploy.container).toBe("hashicorp/terraform:1.13");
    expect(deploy.steps.at(-1)?.run).toMatch(/^apk add --no-cache curl\neval /);
  });

  it("has the tool on CircleCI: a machine, or an image of its own", () => {
    expect(of("circleci", "aws", "node")).toMatchObject({ deploy: { machine: { image: "default" } } });
    expect(of("circleci", "docker", "shell")).toMatchObject({ deploy: { machine: { image: "default" } } });
    expect(of("circleci", "terraform", "shell")).toMatchObject({
      deploy: { docker: [{ image: "hashicorp/terraform:1.13" }] },
    });
  });

  it("is only a name on Bitbucket, which starts it by itself, and finds its Docker on GitLab", () => {
    expect(of("bitbucket", "terraform", "shell")).toMatchObject([{ step: { image: "hashicorp/terraform:1.13" } }]);
    expect(of("gitlab", "terraform", "shell")).toMatchObject({ deploy: { image: { entrypoint: [""] } } });
    expect(of("gitlab", "docker", "node")).toMatchObject({
      deploy: { image: "docker:28", services: ["docker:28-dind"] },
    });
  });

  it("is built without credentials where each command asks for its own", () => {
    const [step] = of("buildkite", "docker", "node") as [{ command: string[] }];
    expect(step.command[0]).toMatch(/^docker build -t /);
  });
});

describe("the narrowest permissions", () => {
  const textOf = (ci: string): string => SETUPS.find((one) => one.ci === ci)?.text ?? "";

  it("stand at the job", () => {
    const github = parse(textOf("github")) as { deploy: { permissions: unknown } };
    expect(github.deploy.permissions).toEqual({ "id-token": "write", contents: "read" });
    const gitlab = parse(textOf("gitlab")) as { deploy: { id_tokens: unknown } };
    expect(gitlab.deploy.id_tokens).toEqual({ ROLECALL_TOKEN: { aud: "https://shop.test" } });
    const [bitbucket] = parse(textOf("bitbucket")) as [{ step: { oidc: unknown } }];
    expect(bitbucket.step.oidc).toEqual({ audiences: ["https://shop.test"] });
    const [azure, later] = parse(textOf("azure")) as [{ env: Record<string, string> }, { env: Record<string, string> }];
    expect(azure.env).toEqual({ SYSTEM_ACCESSTOKEN: "$(System.AccessToken)" });
    expect(later.env["SYSTEM_ACCESSTOKEN"]).toBeUndefined();
  });
});
