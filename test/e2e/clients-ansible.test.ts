import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HAND_OVERS, type HandOver, SESSION, startClients } from "../support/clients-job.ts";
import { findTool } from "../support/clients-tools.ts";
import { HERE } from "./support.ts";

const COLLECTION = "/usr/lib/python3/dist-packages/ansible_collections/community/aws";
const ANSIBLE = findTool("ansible", "ansible python3-boto3", COLLECTION);
const PLAYBOOK = join(HERE, "clients", "ansible.yml");

/** Ansible starts a Python for each task; milliseconds. */
const LONG = 240_000;
const QUIET = {
  LC_ALL: "C.UTF-8",
  ANSIBLE_STDOUT_CALLBACK: "json",
  ANSIBLE_LOCALHOST_WARNING: "false",
  ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
};

interface Told {
  readonly plays: readonly {
    readonly tasks: readonly { readonly hosts: Record<string, { readonly msg?: unknown }> }[];
  }[];
}

/** What the last task, a debug, says. */
function told(stdout: string): unknown {
  return (JSON.parse(stdout) as Told).plays[0]?.tasks.at(-1)?.hosts["localhost"]?.msg;
}

describe.runIf(ANSIBLE)("Ansible", () => {
  it("makes, finds unchanged and takes away a role, a policy and a user", { timeout: LONG }, async () => {
    const { admin, cloud } = await startClients();
    const { stdout } = await admin(["ansible-playbook", "-i", "localhost,", PLAYBOOK], QUIET);
    expect(told(stdout)).toEqual({
      caller: `arn:aws:iam::${cloud.account}:user/admin`,
      role: `arn:aws:iam::${cloud.account}:role/by-ansible`,
      changed: [true, false, false, true],
      tags: { team: "web" },
      inline: ["buckets"],
    });
  });

  // It refuses to start when its output does not block, as it would under an `exec` that opens process.stderr.
  it("is the role in a GitLab job, however its credentials come", { timeout: LONG }, async () => {
    const { job } = await startClients();
    const module = ["ansible", "-i", "localhost,", "-c", "local", "-m", "amazon.aws.aws_caller_info", "localhost"];
    for (const how of Object.keys(HAND_OVERS) as HandOver[]) {
      const { stdout, stderr } = await job(how, module, { env: { ...QUIET, ANSIBLE_LOAD_CALLBACK_PLUGINS: "false" } });
      expect(stdout, stderr).toMatch(SESSION);
    }
  });
});
