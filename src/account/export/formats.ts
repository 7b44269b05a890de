import { exportCdk } from "./cdk.ts";
import { exportCli } from "./cli.ts";
import { exportCloudFormation } from "./cloudformation.ts";
import type { Exported, Model } from "./model.ts";
import { exportRcp } from "./rcp.ts";
import { exportStackSet } from "./stackset.ts";
import { exportTerraform } from "./terraform.ts";

/** What only some formats can do. */
export interface FormatOptions {
  /** The format's JSON instead of its own language. */
  readonly json: boolean;
  /** Deny tokens of issuers that the file does not name. */
  readonly noOtherIssuers: boolean;
}

export interface Format {
  /** One line for help. */
  readonly about: string;
  /** `account`: one for each account of the file; `organization`: one for all of them. */
  readonly scope: "account" | "organization";
  /** The options that it takes. */
  readonly takes: readonly (keyof FormatOptions)[];
  readonly make: (model: Model, options: FormatOptions) => Exported;
}

/** Every format of `rolecall export`, by its name. */
export const FORMATS: Readonly<Record<string, Format>> = {
  terraform: {
    about: "a file of a Terraform module; with --json in Terraform's JSON",
    scope: "account",
    takes: ["json"],
    make: exportTerraform,
  },
  cloudformation: {
    about: "a CloudFormation template in YAML; with --json in JSON",
    scope: "account",
    takes: ["json"],
    make: exportCloudFormation,
  },
  cdk: { about: "a stack of the AWS CDK in TypeScript", scope: "account", takes: [], make: exportCdk },
  cli: { about: "a shell script of aws commands", scope: "account", takes: [], make: exportCli },
  stackset: {
    about: "a template for a whole organization, and the script that rolls it out",
    scope: "organization",
    takes: [],
    make: exportStackSet,
  },
  rcp: {
    about: "a resource control policy that keeps other tenants out of a whole organization",
    scope: "organization",
    takes: ["noOtherIssuers"],
    make: exportRcp,
  },
};
