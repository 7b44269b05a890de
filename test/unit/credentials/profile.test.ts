import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addProfile,
  hasKeys,
  parseProfileName,
  type ProfileEntry,
  quoteCommand,
  removeProfile,
} from "../../../src/credentials/profile.ts";

const COMMAND = ["/usr/bin/node", "/opt/rolecall/main.cjs", "creds", "--format", "process"];

function entry(profile: string, more: Partial<ProfileEntry> = {}): ProfileEntry {
  return { profile, command: COMMAND, ...more };
}

/** The settings of each section, as every tool reads an AWS config file; for files without nested settings. */
function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[\s*(.*?)\s*\]/.exec(line) ?? [];
    if (name !== undefined) found.set(name, (current = found.get(name) ?? []));
    else if (line.trim() !== "" && !/^\s*[#;]/.test(line)) current.push(line.trim());
  }
  return found;
}

const PROCESS = "credential_process = /usr/bin/node /opt/rolecall/main.cjs creds --format process";

describe("a profile", () => {
  it("is added to a file that is not there yet, between two marks", () => {
    const text = addProfile(null, entry("ci", { region: "eu-central-1" }));
    expect(text.split("\n")).toEqual([
      expect.stringMatching(/^# >>> rolecall: .*\(new file\)$/),
      "[profile ci]",
      PROCESS,
      "region = eu-central-1",
      "# <<< rolecall",
      "",
    ]);
  });

  it("named default has a header of its own kind", () => {
    expect(addProfile(null, entry("default"))).toContain("\n[default]\n");
  });

  it("is added behind what is there, which stays as it is", () => {
    const before = "[profile a]\nregion = eu-west-1\n";
    expect(addProfile(before, entry("ci"))).toMatch(
      /^\[profile a\]\nregion = eu-west-1\n# >>> rolecall[^\n]*\n\[profile ci\]\n/,
    );
  });

  it("that is there without credentials gets ours, and keeps its region", () => {
    const before = "[default]\nregion = eu-west-1\noutput = json\n\n[profile a]\nregion = x\n";
    const after = addProfile(before, entry("default", { region: "eu-central-1" }));
    expect(sections(after)).toEqual(
      new Map([
        ["default", [PROCESS, "region = eu-west-1", "output = json"]],
        ["profile a", ["region = x"]],
      ]),
    );
  });

  it("that is there without a region gets ours", () => {
    const after = addProfile("[profile ci]\noutput = json\n", entry("ci", { region: "eu-central-1" }));
    expect(sections(after).get("profile ci")).toEqual([PROCESS, "region = eu-central-1", "output = json"]);
  });

  it.each(['[profile "ci"]', "[profile 'ci']", "[ profile ci ]", "  [profile ci]", "[profile\tci] # mine"])(
    "is recognised under the header %s",
    (header) => {
      const after = addProfile(`${header}\noutput = json\n`, entry("ci"));
      expect(after.match(/^\s*\[/gm)).toHaveLength(1);
    },
  );

  it("is not taken for another whose name goes on, nor for a section of another kind", () => {
    const before = "[profile cicd]\nrole_arn = x\n[sso-session ci]\nsso_region = y\n[services ci]\n# [profile ci]\n";
    const after = addProfile(before, entry("ci"));
    expect(after.startsWith(before)).toBe(true);
    expect(sections(after).get("profile ci")).toEqual([PROCESS]);
  });

  it.each([
    "sso_session = corp",
    "sso_start_url = https://corp.awsapps.com/start",
    "role_arn = arn:aws:iam::123456789012:role/a",
    "source_profile=base",
    "credential_source = Ec2InstanceMetadata",
    "credential_process = /usr/bin/other",
    "web_identity_token_file = /token",
    "login_session = x",
    "  aws_access_key_id = AKIA",
    "AWS_SECRET_ACCESS_KEY = x",
  ])("that has %s is refused, and the setting is named", (setting) => {
    const before = `[default]\nregion = x\n${setting}\n`;
    expect(() => addProfile(before, entry("default"))).toThrowWithCode(
      "config",
      `profile default already has credentials of its own (${(setting.split("=")[0] ?? "").trim()})`,
    );
  });

  it("is not refused for what another profile has", () => {
    const before = "[profile sso]\nsso_session = corp\n\n[default]\nregion = x\n\n[profile b]\nrole_arn = y\n";
    expect(sections(addProfile(before, entry("default"))).get("default")).toEqual([PROCESS, "region = x"]);
  });

  it("written twice is there once, with the newer command", () => {
    const once = addProfile("[profile a]\n", entry("ci", { command: ["/old"] }));
    expect(addProfile(once, entry("ci"))).toBe(addProfile("[profile a]\n", entry("ci")));
  });
});

describe("taking a profile out", () => {
  // Everything that a config file of somebody may be.
  const FILES: Readonly<Record<string, string>> = {
    empty: "",
    "a new line": "\n",
    "no final newline": "[profile a]\nregion = eu-west-1",
    CRLF: "[profile a]\r\nregion = eu-west-1\r\n",
    "CRLF and no final newline": "[profile a]\r\nregion = eu-west-1",
    "LF with one CRLF": "[profile a]\r\nregion = eu-west-1\noutput = json\n",
    comments: "# mine\n; also mine\n[profile a] # the first\nregion = eu-west-1 ; near\n\n\n",
    "nested settings": "[default]\ns3 =\n  max_concurrent_requests = 20\n  addressing_style = path\nregion = x\n",
    "default with a region": "[default]\nregion = eu-west-1\n",
    "default and no more": "[default]",
    "default last": "[profile a]\nregion = x\n[default]",
    "the profile itself": "[profile ci]\r\noutput = json",
    "no section": "region = eu-west-1\n",
    "blank lines at the end": "[default]\nregion = x\n\n\n\n",
    "a lone CR at the end": "[profile a]\nregion = x\r",
    "a lone CR at the end, with CRLF elsewhere": "[profile a]\r\nregion = x\r",
    "a byte order mark": "\ufeff[profile a]\nregion = x\n",
    "other scripts": "# 서울 리전\n[profile 배포]\nregion = ap-northeast-2\n",
    "sso beside it": "[sso-session corp]\nsso_region = x\n[profile b]\nsso_session = corp\n",
  };

  it.each(Object.entries(FILES))("gives back, byte for byte, a file of: %s", (_, before) => {
    for (const profile of ["ci", "default"]) {
      const after = addProfile(before, entry(profile, { region: "eu-central-1" }));
      expect(after).not.toBe(before);
      expect(removeProfile(after, profile)).toEqual({ text: before, profiles: [profile], deleteFile: false });
      expect(removeProfile(after).text).toBe(before);
    }
  });

  it("writes the line ends of the file", () => {
    const after = addProfile("[profile a]\r\nregion = x\r\n", entry("ci"));
    expect(after.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  });

  it("says that the file may go, when login made it and nothing else came in", () => {
    const made = addProfile(null, entry("ci"));
    expect(removeProfile(made)).toEqual({ text: "", profiles: ["ci"], deleteFile: true });
    expect(removeProfile(`${made}[profile a]\n`)).toMatchObject({ text: "[profile a]\n", deleteFile: false });
    expect(removeProfile(addProfile("", entry("ci"))).deleteFile).toBe(false);
  });

  it("says so too after a second login, and when another profile was taken out before", () => {
    const twice = addProfile(addProfile(null, entry("ci")), entry("ci", { region: "eu-west-1" }));
    expect(removeProfile(twice)).toEqual({ text: "", profiles: ["ci"], deleteFile: true });
    const both = addProfile(addProfile(null, entry("a")), entry("b"));
    expect(removeProfile(removeProfile(both, "a").text, "b")).toMatchObject({ text: "", deleteFile: true });
  });

  it("by name leaves ours of another name; without a name takes all of ours", () => {
    const both = addProfile(addProfile("[default]\nregion = x\n", entry("default")), entry("ci"));
    expect(removeProfile(both, "ci")).toMatchObject({
      profiles: ["ci"],
      text: addProfile("[default]\nregion = x\n", entry("default")),
    });
    expect(removeProfile(both)).toEqual({
      text: "[default]\nregion = x\n",
      profiles: ["default", "ci"],
      deleteFile: false,
    });
    expect(removeProfile(both, "other")).toEqual({ text: both, profiles: [], deleteFile: false });
  });

  it("does not glue together what came in behind it", () => {
    const after = addProfile("[profile a]\nregion = x", entry("ci"));
    expect(removeProfile(`${after}[profile later]\n`).text).toBe("[profile a]\nregion = x\n[profile later]\n");
    const two = addProfile(after, entry("b"));
    expect(removeProfile(two, "ci").profiles).toEqual(["ci"]);
    expect(sections(removeProfile(two, "ci").text).get("profile b")).toEqual([PROCESS]);
    expect(removeProfile(removeProfile(two, "ci").text, "b").text).toBe("[profile a]\nregion = x");
  });

  it("takes nothing of somebody else's when the end of a block is lost", () => {
    const [first = "", ...rest] = addProfile(null, entry("ci")).split("\n");
    const broken = `${[first, ...rest].filter((line) => line !== "# <<< rolecall").join("\n")}[profile mine]\nregion = x\n`;
    const both = addProfile(broken, entry("b"));
    expect(removeProfile(both).text).toContain("[profile mine]\nregion = x\n");
    expect(removeProfile(both).profiles).toEqual(["b"]);
  });

  it("finds nothing in a file without ours", () => {
    const text = "[default]\ncredential_process = /usr/bin/other\n# <<< rolecall\n";
    expect(removeProfile(text)).toEqual({ text, profiles: [], deleteFile: false });
  });
});

describe("any config file", () => {
  const EOL = fc.constantFrom("\n", "\n", "\r\n", "\n\n");
  const LINE = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom("[default]", "[profile ci]", "[profile a]", '[profile "b c"]', "[sso-session s]"),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom("region = x", "output=json", "s3 =", "  a = 1", "# note", "; note", "", " ", "\r"),
    },
    { weight: 1, arbitrary: fc.constantFrom("role_arn = y", "sso_session = s", "credential_process = z") },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/[\n\r]/.test(text)) },
  );
  const FILE = fc
    .tuple(fc.array(fc.tuple(LINE, EOL), { maxLength: 12 }), fc.oneof(fc.constant(""), LINE))
    .map(([lines, last]) => lines.flat().join("") + last);
  const NAME = fc.constantFrom("default", "ci", "a");
  const REGION = fc.constantFrom(undefined, "eu-central-1");

  /** The file with the profile, or null when it has credentials of its own. */
  function add(text: string, profile: string, region: string | undefined): string | null {
    try {
      return addProfile(text, entry(profile, { region }));
    } catch {
      return null;
    }
  }

  it("comes back byte for byte", () => {
    fc.assert(
      fc.property(FILE, NAME, REGION, (before, profile, region) => {
        const after = add(before, profile, region);
        fc.pre(after !== null);
        expect(removeProfile(after, profile)).toEqual({ text: before, profiles: [profile], deleteFile: false });
      }),
      { numRuns: 250 },
    );
  });

  it("comes back byte for byte after two profiles, taken out in either order, and after logins over again", () => {
    const names = fc.shuffledSubarray(["default", "ci", "a"], { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(FILE, names, names, fc.boolean(), (before, logins, logouts, again) => {
        // A lone CR at the end and our LF behind it look like one line end to the second login.
        fc.pre(!before.endsWith("\r"));
        let text: string | null = before;
        for (const name of again ? [...logins, ...logins] : logins) text = text === null ? null : add(text, name, "r");
        fc.pre(text !== null);
        const rest = [...logouts, ...logins].reduce((held, name) => removeProfile(held, name).text, text);
        expect(rest).toBe(before);
        expect(removeProfile(text).text).toBe(before);
      }),
      { numRuns: 400 },
    );
  });

  it("has the profile then, with our command, and every line that it had before", () => {
    fc.assert(
      fc.property(FILE, NAME, (before, profile) => {
        const after = add(before, profile, undefined);
        fc.pre(after !== null);
        const header = profile === "default" ? "default" : `profile ${profile}`;
        expect(
          sections(after)
            .get(header)
            ?.filter((line) => line === PROCESS),
        ).toHaveLength(1);
        const left = [...after.split("\n")];
        for (const line of before.split("\n").slice(0, -1)) expect(left).toContain(line);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the command of a profile", () => {
  it.each([
    [["/usr/bin/node", "main.cjs", "--role", "arn:aws:iam::123456789012:role/a+b=c,d@e"], null],
    [["/opt/my tools/node", "a b"], '"/opt/my tools/node" "a b"'],
    [["node", ""], 'node ""'],
    [["node", "it's", "~/x", "a;b", "a#b", "100%"], `node "it's" "~/x" "a;b" "a#b" 100%`],
  ])("of %j is %s", (command, line) => {
    expect(quoteCommand(command)).toBe(line ?? command.join(" "));
  });

  it.each(['a"b', "a$b", "a`b", "a\\b", "a!b", "a\nb", "a #b", "a ;b"])(
    "cannot hold %j, which tools read differently",
    (argument) => {
      expect(() => quoteCommand(["node", argument])).toThrowWithCode("config", "cannot be put into an AWS profile");
    },
  );

  it("is split by a shell into what it was made of", () => {
    const argument = fc.string({ unit: "grapheme-ascii", maxLength: 20 });
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 5 }), (args) => {
        let line: string;
        try {
          line = quoteCommand(args);
        } catch {
          return;
        }
        const { stdout } = spawnSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
        expect(stdout).toBe(args.map((one) => `${one}\0`).join(""));
      }),
      { numRuns: 25 },
    );
  });
});

describe("the name of a profile", () => {
  it.each(["default", "ci", "a.b_c@d/e+f=g:h-1", "x".repeat(128)])("may be %s", (name) => {
    expect(parseProfileName(name, "--profile")).toBe(name);
  });

  it.each(["", "a b", "a]", "[a", 'a"b', "a#b", "a\nb", "프로필", "x".repeat(129)])("is not %j", (name) => {
    expect(() => parseProfileName(name, "--profile")).toThrowWithCode("usage", "--profile is not a profile name");
  });
});

describe("access keys in the credentials file", () => {
  const text =
    "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = x\n[ci]\nregion = y\n[ keys ]\nAWS_ACCESS_KEY_ID=AKIA2\n";

  it.each([
    ["default", true],
    ["ci", false],
    ["keys", true],
    ["other", false],
  ])("of profile %s: %s", (profile, there) => {
    expect(hasKeys(text, profile)).toBe(there);
    expect(hasKeys(text.replaceAll("\n", "\r\n"), profile)).toBe(there);
  });

  it("that are commented out are none", () => {
    expect(hasKeys("[ci]\n# aws_access_key_id = AKIA\n", "ci")).toBe(false);
  });
});
