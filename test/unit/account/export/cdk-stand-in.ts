// What an exported app uses of aws-cdk-lib, and no more: constructs that write themselves into a template.

type Body = Record<string, unknown>;

const template: Record<string, Body> = {};

function add(section: string, id: string, body: unknown): void {
  (template[section] ??= {})[id] = body;
}

const upper = (key: string): string => `${key.charAt(0).toUpperCase()}${key.slice(1)}`;

/** The CDK writes property names of its own types in capitals, and leaves documents alone. */
function properties(props: Body): Body {
  const item = (one: Body): Body => Object.fromEntries(Object.entries(one).map(([key, value]) => [upper(key), value]));
  return Object.fromEntries(
    Object.entries(props).map(([key, value]) => [
      upper(key),
      key === "tags" || key === "policies" ? (value as Body[]).map(item) : value,
    ]),
  );
}

export class Stack {
  readonly templateOptions: { description?: string } = {};
  constructor(_: App, id: string, props: { env?: { account: string }; synthesizer: DefaultStackSynthesizer }) {
    const account = props.env?.account ?? null;
    process.on("exit", () => {
      const { description } = this.templateOptions;
      process.stdout.write(JSON.stringify({ stack: id, account, Description: description, ...sections() }));
    });
  }
}

/** A resource's options are set after it is made. */
function sections(): Record<string, Body> {
  const { Resources = {}, ...others } = template;
  const all = Object.entries(Resources as Record<string, Resource>).map(([id, resource]) => [id, resource.render()]);
  return { Conditions: {}, ...others, Resources: Object.fromEntries(all) as Body };
}

export class App {
  readonly name = "app";
}

export class DefaultStackSynthesizer {
  readonly options: { generateBootstrapVersionRule: boolean };
  constructor(options: { generateBootstrapVersionRule: boolean }) {
    this.options = options;
  }
}

export class CfnMapping {
  readonly id: string;
  constructor(_: Stack, id: string, { mapping }: { mapping: Body }) {
    this.id = id;
    add("Mappings", id, mapping);
  }
}

export class CfnParameter {
  readonly valueAsString: Body;
  constructor(_: Stack, id: string, props: Body) {
    this.valueAsString = { Ref: id };
    add("Parameters", id, properties(props));
  }
}

export class CfnCondition {
  readonly id: string;
  constructor(_: Stack, id: string, { expression }: { expression: Body }) {
    this.id = id;
    add("Conditions", id, expression);
  }
}

export const CfnDeletionPolicy = { RETAIN: "Retain" };
export const Aws = { ACCOUNT_ID: { Ref: "AWS::AccountId" } };
export const Fn = {
  sub: (text: string): Body => ({ "Fn::Sub": text }),
  findInMap: (...path: unknown[]): Body => ({ "Fn::FindInMap": path }),
  conditionIf: (...choice: unknown[]): Body => ({ "Fn::If": choice }),
  conditionEquals: (...sides: unknown[]): Body => ({ "Fn::Equals": sides }),
};

class Resource {
  readonly ref: Body;
  readonly cfnOptions: { condition?: CfnCondition; deletionPolicy?: string; updateReplacePolicy?: string } = {};
  readonly #type: string;
  readonly #props: Body;

  constructor(type: string, id: string, props: Body) {
    this.ref = { Ref: id };
    this.#type = type;
    this.#props = props;
    add("Resources", id, this);
  }

  render(): Body {
    const { condition, deletionPolicy, updateReplacePolicy } = this.cfnOptions;
    return {
      Type: this.#type,
      ...(condition && { Condition: condition.id }),
      ...(deletionPolicy && { DeletionPolicy: deletionPolicy }),
      ...(updateReplacePolicy && { UpdateReplacePolicy: updateReplacePolicy }),
      Properties: properties(this.#props),
    };
  }
}

export class CfnOIDCProvider extends Resource {
  constructor(_: Stack, id: string, props: Body) {
    super("AWS::IAM::OIDCProvider", id, props);
  }
}

export class CfnRole extends Resource {
  constructor(_: Stack, id: string, props: Body) {
    super("AWS::IAM::Role", id, props);
  }
}
