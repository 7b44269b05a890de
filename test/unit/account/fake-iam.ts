import { RolecallError } from "../../../src/core/errors.ts";
import type { Iam, IamProvider, IamRole } from "../../../src/wire/aws-sdk.ts";
import { ACCOUNT } from "./example.ts";

export interface FakeRole extends IamRole {
  readonly attached: readonly string[];
  readonly inline: ReadonlyMap<string, string>;
}

/** An IAM in memory, which writes down the calls that changed it and can fail at one of them. */
export class FakeIam implements Iam {
  readonly providers = new Map<string, IamProvider>();
  readonly roles = new Map<string, FakeRole>();
  /** Names of the changing calls, in order. */
  readonly calls: string[] = [];
  /** How many changing calls still succeed. */
  budget = Infinity;

  async getProvider(arn: string) {
    return this.providers.get(arn) ?? null;
  }

  async listProviders() {
    return [...this.providers.keys()];
  }

  async eachRole(visit: Parameters<Iam["eachRole"]>[0]) {
    for (const { attached, inline, ...role } of this.roles.values())
      visit({ ...role, managedPolicies: attached, inlinePolicies: inline });
  }

  async removeAudience(arn: string, audience: string) {
    this.#count("removeAudience");
    const provider = this.#provider(arn);
    this.providers.set(arn, { ...provider, audiences: provider.audiences.filter((one) => one !== audience) });
  }

  async setThumbprints(arn: string, thumbprints: readonly string[]) {
    this.#count("setThumbprints");
    this.providers.set(arn, { ...this.#provider(arn), thumbprints });
  }

  async untagProvider(arn: string, keys: readonly string[]) {
    this.#count("untagProvider");
    const provider = this.#provider(arn);
    this.providers.set(arn, { ...provider, tags: without(provider.tags, keys) });
  }

  async deleteProvider(arn: string) {
    this.#count("deleteProvider");
    this.providers.delete(arn);
  }

  async untagRole(name: string, keys: readonly string[]) {
    this.change("untagRole", name, ({ tags }) => ({ tags: without(tags, keys) }));
  }

  async deleteRole(name: string) {
    this.#count("deleteRole");
    const { attached, inline } = this.#role(name);
    if (attached.length > 0 || inline.size > 0) throw new RolecallError("config", `${name} still has policies`);
    this.roles.delete(name);
  }

  async createProvider({ url, audiences, tags, thumbprints = [] }: Parameters<Iam["createProvider"]>[0]) {
    this.#count("createProvider");
    const name = url.replace("https://", "");
    const arn = `arn:aws:iam::${ACCOUNT}:oidc-provider/${name}`;
    this.providers.set(arn, { url: name, audiences, tags, thumbprints });
    return arn;
  }

  async addAudience(arn: string, audience: string) {
    this.#count("addAudience");
    const provider = this.#provider(arn);
    this.providers.set(arn, { ...provider, audiences: [...provider.audiences, audience] });
  }

  async tagProvider(arn: string, tags: IamProvider["tags"]) {
    this.#count("tagProvider");
    const provider = this.#provider(arn);
    this.providers.set(arn, { ...provider, tags: { ...provider.tags, ...tags } });
  }

  async getRole(name: string) {
    return this.roles.get(name) ?? null;
  }

  async createRole(role: Parameters<Iam["createRole"]>[0]) {
    this.#count("createRole");
    const arn = `arn:aws:iam::${ACCOUNT}:role${role.path}${role.name}`;
    this.roles.set(role.name, { ...role, arn, attached: [], inline: new Map() });
    return arn;
  }

  async setTrust(name: string, trust: string) {
    this.change("setTrust", name, () => ({ trust }));
  }

  async updateRole(name: string, { description, maxSessionDuration }: Parameters<Iam["updateRole"]>[1]) {
    this.change("updateRole", name, () => ({ description, maxSessionDuration }));
  }

  async setBoundary(name: string, boundary: string | null) {
    this.change("setBoundary", name, () => ({ boundary }));
  }

  async tagRole(name: string, tags: IamRole["tags"]) {
    this.change("tagRole", name, (role) => ({ tags: { ...role.tags, ...tags } }));
  }

  async attachedPolicies(name: string) {
    return this.#role(name).attached;
  }

  async attachPolicy(name: string, arn: string) {
    this.change("attachPolicy", name, ({ attached }) => ({ attached: [...attached, arn] }));
  }

  async detachPolicy(name: string, arn: string) {
    this.change("detachPolicy", name, ({ attached }) => ({ attached: attached.filter((one) => one !== arn) }));
  }

  async inlinePolicies(name: string) {
    return [...this.#role(name).inline.keys()];
  }

  async getInlinePolicy(name: string, policy: string) {
    return this.#role(name).inline.get(policy) ?? null;
  }

  async putInlinePolicy(name: string, policy: string, document: string) {
    this.change("putInlinePolicy", name, ({ inline }) => ({ inline: new Map([...inline, [policy, document]]) }));
  }

  async deleteInlinePolicy(name: string, policy: string) {
    this.change("deleteInlinePolicy", name, ({ inline }) => ({
      inline: new Map([...inline].filter(([one]) => one !== policy)),
    }));
  }

  /** Alters a role, as a call of rolecall's or as somebody else would. */
  change(call: string, name: string, alter: (role: FakeRole) => Partial<FakeRole>): void {
    this.#count(call);
    const role = this.#role(name);
    this.roles.set(name, { ...role, ...alter(role) });
  }

  #role(name: string): FakeRole {
    const role = this.roles.get(name);
    if (!role) throw new RolecallError("config", `no role ${name}`);
    return role;
  }

  #provider(arn: string): IamProvider {
    const provider = this.providers.get(arn);
    if (!provider) throw new RolecallError("config", `no provider ${arn}`);
    return provider;
  }

  #count(call: string): void {
    if (this.budget-- <= 0) throw new RolecallError("unavailable", `AWS did not answer ${call}`);
    this.calls.push(call);
  }
}

function without(tags: IamRole["tags"], keys: readonly string[]): IamRole["tags"] {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
