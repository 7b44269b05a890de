import { isMap, isSeq, type YAMLMap } from "yaml";
import { isRecord } from "./gitlab-config.ts";
import { roleFor, type MigratedJob, type Setup } from "./migration.ts";
import { addPairs, dropPair, eachMap, pairOf, type Path, type Rewrite, scalarText, setValue } from "./rewrite.ts";
import { CannotSplice, indentAt, yamlValue } from "./splice.ts";
import { type KeySource, NO_ROLE } from "./step-script.ts";
import { keyName, lineOf, plainOf, rangeOf, type YamlFile } from "./yaml-file.ts";

// Source: the orb circleci/aws-cli, src/commands/setup.yml at its tags v1.3.2, v3.1.0, v4.0.0 and v5.4.1. Until 3.1
// its role is one that keys take.

/** The orb as a file names it. */
export interface AwsOrb {
  /** Its command, as steps call it. */
  readonly setup: string;
  readonly install: string;
  /** The parameter for a role that an ID token takes; null where its version has none. */
  readonly parameter: "role_arn" | "role-arn" | null;
  readonly version: string;
}

const ORB_KEYS = ["aws_access_key_id", "aws_secret_access_key", "aws-access-key-id", "aws-secret-access-key"];

export function awsOrbOf(file: YamlFile): AwsOrb {
  const orbs = plainOf(file, pairOf(file.root, "orbs")?.value);
  const [name, version] = Object.entries(isRecord(orbs) ? orbs : {}).find(([, orb]) =>
    String(orb).startsWith("circleci/aws-cli@"),
  ) ?? ["aws-cli", ""];
  const [, major, minor] = /@(\d+)(?:\.(\d+))?/.exec(String(version)) ?? [];
  return {
    setup: `${name}/setup`,
    install: `${name}/install`,
    parameter: parameterOf(Number(major ?? 5), minor),
    version: String(version),
  };
}

/** Commands and jobs of AWS's other orbs, which take keys by themselves where they are not told otherwise. */
export function otherOrbUses(file: YamlFile, isServed: (job: string) => boolean): readonly string[] {
  const orbs = plainOf(file, pairOf(file.root, "orbs")?.value);
  const names = Object.entries(isRecord(orbs) ? orbs : {})
    .filter(([, orb]) => /^circleci\/aws-(?!cli@)/.test(String(orb)))
    .map(([name]) => name);
  const found = new Set<string>();
  const look = (called: string, inputs: unknown, path: Path): void => {
    const isOrbs = names.some((name) => called.startsWith(`${name}/`));
    if (isOrbs && !(isMap(inputs) && pairOf(inputs, "auth")) && !isServed(jobAt(path))) found.add(called);
  };
  eachMap(file.root, (map, path) => {
    for (const pair of map.items) {
      look(keyName(pair), pair.value, path);
      if (isSeq(pair.value)) for (const item of pair.value.items) look(scalarText(item) ?? "", null, path);
    }
  });
  return [...found];
}

function parameterOf(major: number, minor: string | undefined): AwsOrb["parameter"] {
  if (major >= 4) return "role_arn";
  return major === 3 && Number(minor ?? 9) >= 1 ? "role-arn" : null;
}

/** Gives the orb's `setup` its role wherever steps are; the keys go. A version without roles is left to its job. */
export function changeOrbs(
  rewrite: Rewrite,
  orb: AwsOrb,
  setup: Setup,
  jobs: MigratedJob[],
  sources: KeySource[],
): void {
  const { file } = rewrite;
  const done = (path: Path, role: string): void => {
    const name = jobAt(path);
    jobs.push({ path: file.path, name, image: "none", role, audience: null, tokenEnv: null, line: orb.setup });
  };
  eachMap(file.root, (map, path) => {
    const inputs = pairOf(map, orb.setup)?.value;
    if (isMap(inputs)) {
      const key = inputs.items.find((one) => /access.key.id/.test(keyName(one)));
      if (key)
        sources.push({
          job: jobAt(path),
          key: scalarText(key.value) ?? "",
          path: file.path,
          line: lineOf(file.text, rangeOf(key.key)[0]),
        });
      const role = changeInputs(rewrite, orb, inputs, [...path, orb.setup], setup);
      if (role !== null) done(path, role);
    }
    for (const pair of map.items) {
      const steps = pair.value;
      if (!isSeq(steps) || orb.parameter === null) continue;
      steps.items.forEach((item, index) => {
        if (scalarText(item) !== orb.setup) return;
        const at = [...path, keyName(pair), index];
        done(at, giveRole(rewrite, orb, item, at, steps.flow === true, setup));
      });
    }
  });
}

/** @returns null when nothing is to be changed */
function changeInputs(rewrite: Rewrite, orb: AwsOrb, inputs: YAMLMap, path: Path, setup: Setup): string | null {
  const keys = inputs.items.filter((one) => ORB_KEYS.includes(keyName(one)));
  const named = pairOf(inputs, "role_arn") ?? pairOf(inputs, "role-arn");
  if (keys.length === 0 && named) return null;
  const [start] = rangeOf(inputs);
  if (orb.parameter === null)
    throw new CannotSplice(`${orb.version} takes no role by an ID token: version 5 of the orb does`, start);
  if (inputs.flow) throw new CannotSplice("its parameters are written with braces", start);
  const role = scalarText(named?.value) ?? roleFor(setup, jobAt(path));
  if (role === null) throw new CannotSplice(NO_ROLE, start);
  const other = inputs.items.find((one) => !keys.includes(one)) ?? inputs.items[0];
  if (!named && other) addPairs(rewrite, inputs, path, { [orb.parameter]: role }, { before: other });
  for (const one of keys) dropPair(rewrite, inputs, one, path);
  return role;
}

/** `- aws-cli/setup` alone takes the project's keys: it gets its first parameter. */
function giveRole(rewrite: Rewrite, orb: AwsOrb, item: unknown, path: Path, isFlow: boolean, setup: Setup): string {
  const [start, end] = rangeOf(item);
  const role = roleFor(setup, jobAt(path));
  if (role === null) throw new CannotSplice(NO_ROLE, start);
  if (isFlow) throw new CannotSplice("the steps are written in brackets", start);
  const { file } = rewrite;
  const parameter = orb.parameter ?? "role_arn";
  const indent = " ".repeat(indentAt(file, start) + 2);
  rewrite.edits.push({ start, end, text: `${orb.setup}:${file.eol}${indent}${parameter}: ${yamlValue(role)}` });
  setValue(rewrite, path, { [orb.setup]: { [parameter]: role } });
  return role;
}

/** The job, or what is called in a workflow, that a place is in. */
function jobAt(path: Path): string {
  if (path[0] === "jobs") return String(path[1]);
  if (path[0] === "commands") return `command ${String(path[1])}`;
  return String(
    path.findLast((step) => typeof step === "string" && !["auth", "steps"].includes(step) && !step.endsWith("/setup")),
  );
}
