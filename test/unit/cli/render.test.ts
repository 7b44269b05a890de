import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { colorsFor } from "../../../src/cli/render/colors.ts";
import { renderRefusal } from "../../../src/cli/render/refusal.ts";
import { decide } from "../../../src/core/decide.ts";
import { denied, question, role, statement, SUBJECT, token, trust } from "../core/example.ts";
import { fakeIo } from "./fake-io.ts";

const PLAIN = colorsFor(fakeIo(), { "no-color": true });

describe("a refusal for a person", () => {
  const dev = denied(decide(question({ token: token({ sub: SUBJECT.replace("main", "dev") }) })));

  it("has AWS's words, the thing that is wrong with its two sides, and the fixes", () => {
    const fixes = [
      { where: "rolecall.yaml", text: "allow it" },
      { where: "trust policy", text: "or this" },
    ];
    expect(renderRefusal(dev, fixes, "2026", PLAIN)).toEqual([
      "AWS says   AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
      "wrong      gitlab.com:sub",
      `  wanted   StringEquals ${SUBJECT}`,
      "  got      project_path:acme/shop:ref_type:branch:ref:dev",
      "fix        rolecall.yaml: allow it",
      " or        trust policy: or this",
    ]);
  });

  it("is in the words of the generation that is asked for", () => {
    const audience = denied(decide(question({ token: token({ aud: "other" }) })));
    expect(renderRefusal(audience, [], "2025", PLAIN)[0]).toBe(
      "AWS says   InvalidIdentityToken: Incorrect token audience",
    );
    expect(renderRefusal(audience, [], "2026", PLAIN)[0]).toContain("could not be validated");
  });

  it("marks in colour where the two sides part, and reads the same without", () => {
    const colored = renderRefusal(dev, [], "2026", colorsFor(fakeIo({ FORCE_COLOR: "1" }), { "no-color": false }));
    expect(colored[2]?.endsWith(":ref:\u001b[36mmain\u001b[39m")).toBe(true);
    expect(colored[3]?.endsWith(":ref:\u001b[31mdev\u001b[39m")).toBe(true);
    expect(colored.map(stripVTControlCharacters)).toEqual(renderRefusal(dev, [], "2026", PLAIN));
  });

  it("moves no cursor and starts no line, whatever token and policy say", () => {
    const evil = "x\n\u001b[2J";
    const policy = trust(
      statement({ Condition: { StringEquals: { "gitlab.com:sub": SUBJECT, [`gitlab.com:${evil}`]: evil } } }),
    );
    const lines = [
      ...renderRefusal(
        denied(decide(question({ token: token({ sub: evil }) }))),
        [{ where: evil, text: evil }],
        "2026",
        PLAIN,
      ),
      ...renderRefusal(denied(decide(question({ role: role(policy) }))), [], "2026", PLAIN),
      ...renderRefusal(denied(decide(question({ token: token({ iss: evil }), provider: null }))), [], "2025", PLAIN),
    ];
    expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
    expect(lines.join("")).toContain(String.raw`x\u000a\u001b[2J`);
  });
});

describe("colours", () => {
  it.each([
    [{}, { stdoutIsTerminal: true }, false, true],
    [{}, {}, false, false],
    [{ TERM: "dumb" }, { stdoutIsTerminal: true }, false, false],
    [{ NO_COLOR: "1" }, { stdoutIsTerminal: true }, false, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, { stdoutIsTerminal: true }, false, false],
    [{ FORCE_COLOR: "1" }, {}, false, true],
    [{ FORCE_COLOR: "0" }, {}, false, false],
    [{ FORCE_COLOR: "1" }, { stdoutIsTerminal: true }, true, false],
    [{ GITLAB_CI: "true" }, {}, false, true],
    [{ GITHUB_ACTIONS: "true" }, {}, false, true],
  ])("with %j, %j and --no-color %s: %s", (env, io, noColor, on) => {
    const { good } = colorsFor(fakeIo(env, io), { "no-color": noColor });
    expect(good("x") !== "x").toBe(on);
  });
});
