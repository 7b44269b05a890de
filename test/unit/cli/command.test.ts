import { describe, expect, it } from "vitest";
import { defineCommand, parseInput } from "../../../src/cli/command.ts";
import { isRolecallError } from "../../../src/core/errors.ts";

const deploy = defineCommand({
  name: "deploy",
  summary: "put it there",
  usage: "TARGET [options]",
  examples: [],
  options: {
    role: { type: "string", value: "ARN", help: "the role" },
    region: { type: "string", short: "r", help: "the region" },
    "expires-in": { type: "string", value: "SECONDS", help: "the life" },
    tag: { type: "string", multiple: true, help: "a tag" },
    force: { type: "boolean", short: "f", help: "do it" },
  },
  positionals: ["TARGET"],
  run: () => Promise.resolve(0),
});

const wrap = defineCommand({
  name: "wrap",
  summary: "run it",
  usage: "-- CMD",
  examples: [],
  options: {},
  rest: "required",
  run: () => Promise.resolve(0),
});

function parse(line: string): ReturnType<typeof parseInput<typeof deploy.options>> {
  return parseInput(deploy, line.split(" ").filter(Boolean));
}

function refuse(
  args: readonly string[],
  command: Parameters<typeof parseInput>[0] = deploy,
): { message: string; hints: string } {
  try {
    parseInput(command, args);
  } catch (error) {
    if (isRolecallError(error) && error.code === "usage")
      return { message: error.message, hints: error.hints.join("\n") };
    throw error;
  }
  throw new Error("expected a usage error");
}

describe("a command line", () => {
  it("gives options, positional arguments, and false or nothing for what is not given", () => {
    expect(parse("prod --role R -r=x --force")).toEqual({
      options: {
        role: "R",
        region: "=x",
        "expires-in": undefined,
        tag: [],
        force: true,
        help: false,
        verbose: false,
        quiet: false,
        "no-color": false,
      },
      positionals: ["prod"],
      rest: [],
    });
  });

  it.each(["--role=R prod", "prod --role R", "--role R prod", "--force --role R -- prod"].slice(0, 3))(
    "may have its options anywhere: %s",
    (line) => {
      expect(parse(line)).toMatchObject({ options: { role: "R" }, positionals: ["prod"] });
    },
  );

  it("may put short options together, and a value right behind one", () => {
    expect(parse("prod -fvq -reu-west-1").options).toMatchObject({
      force: true,
      verbose: true,
      quiet: true,
      region: "eu-west-1",
    });
  });

  it("may repeat what can be repeated, in order", () => {
    expect(parse("prod --tag a --tag=b --force --force").options).toMatchObject({ tag: ["a", "b"], force: true });
  });

  it("may give an empty value, a negative number, a lone dash, and what looks like an option behind =", () => {
    expect(parse("prod --role= --expires-in -600 --region -").options).toMatchObject({
      role: "",
      "expires-in": "-600",
      region: "-",
    });
    expect(parse("prod --role=--force").options).toMatchObject({ role: "--force", force: false });
  });

  it("hands on what stands behind --, options of the command behind it included", () => {
    const { rest } = parseInput(wrap, ["-v", "--", "aws", "--help", "--", "-x", ""]);
    expect(rest).toEqual(["aws", "--help", "--", "-x", ""]);
  });
});

describe("a wrong command line", () => {
  it.each([
    ["--rol", "--role"],
    ["--regoin", "--region"],
    ["--Role", "--role"],
    ["--no-colour", "--no-color"],
    ["--verbos", "--verbose"],
  ])("with %s is answered: did you mean %s?", (typed, meant) => {
    const { message, hints } = refuse(["prod", typed, "x"]);
    expect(message).toBe(`deploy: unknown option ${typed}`);
    expect(hints).toBe(`did you mean ${meant}?\nrolecall help deploy shows its options`);
  });

  it.each(["--terraform", "-z", "--constructor", "--__proto__", "--toString"])(
    "with %s is answered without a guess",
    (typed) => {
      expect(refuse(["prod", typed])).toEqual({
        message: `deploy: unknown option ${typed}`,
        hints: "rolecall help deploy shows its options",
      });
      expect(refuse(["prod", `${typed}=x`]).message).toContain("unknown option");
    },
  );

  it("never repeats what stood behind an unknown option", () => {
    expect(JSON.stringify(refuse(["prod", "--token=hunter2"]))).not.toContain("hunter2");
  });

  it.each([
    [["prod", "--role"], "deploy: --role needs a value: --role ARN"],
    [["prod", "-r"], "deploy: -r needs a value: -r VALUE"],
    [["prod", "--role", "--region", "x"], "deploy: --role needs a value: --role ARN"],
    [["prod", "--role", "--", "x"], "deploy: --role needs a value: --role ARN"],
    [["prod", "--role", "-f"], "deploy: --role needs a value: --role ARN"],
    [["prod", "--force=yes"], "deploy: --force takes no value"],
    [["prod", "--role", "a", "--role", "b"], 'deploy: --role is given 2 times: expected once, got "a" and "b"'],
    [[], "deploy: expected TARGET"],
    [["prod", "more"], 'deploy: unexpected argument "more"'],
    [["prod", "--", "ls"], 'deploy: takes no command behind --, got "ls"'],
  ])("%j: %s", (args, message) => {
    expect(refuse(args).message).toBe(message);
  });

  it("without the command that is to be run shows how it would be", () => {
    expect(refuse([], wrap)).toEqual({
      message: "wrap: expected a command behind --",
      hints: "rolecall wrap -- aws sts get-caller-identity\nrolecall help wrap shows its options",
    });
    expect(refuse(["--"], wrap).message).toBe("wrap: expected a command behind --");
    expect(refuse(["aws", "s3", "ls"], wrap)).toMatchObject({
      message: 'wrap: unexpected argument "aws"',
      hints: expect.stringContaining("put the command behind --") as string,
    });
  });

  it("with a token in it does not show the token", () => {
    const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2VjcmV0";
    for (const args of [
      ["prod", token],
      ["prod", "--", token],
      ["prod", "--role", token, "--role", token],
    ]) {
      expect(JSON.stringify(refuse(args))).not.toContain("eyJ");
    }
    expect(refuse(["prod", "x".repeat(5000)]).message.length).toBeLessThan(200);
  });
});
