import { EMPTY_IAM, type IamState } from "./records.ts";
import type { CloudIdentity, CloudState, IssuerKey } from "./state.ts";

/** Holds the state of one cloud and has every change saved before it is answered. */
export class Store {
  #state: CloudState;
  readonly #save: ((state: CloudState) => Promise<void>) | null;
  #dirty = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(state: CloudState, save: ((state: CloudState) => Promise<void>) | null) {
    this.#state = state;
    this.#save = save;
  }

  get identity(): CloudIdentity {
    return this.#state.identity;
  }

  get iam(): IamState {
    return this.#state.iam;
  }

  issuerKey(issuer: string): IssuerKey | undefined {
    return this.#state.issuers.get(issuer);
  }

  get issuers(): readonly string[] {
    return [...this.#state.issuers.keys()];
  }

  changeIam(change: (iam: IamState) => IamState): void {
    this.#replace({ ...this.#state, iam: change(this.#state.iam) });
  }

  addIssuerKey(issuer: string, key: IssuerKey): void {
    this.#replace({ ...this.#state, issuers: new Map(this.#state.issuers).set(issuer, key) });
  }

  /** Empties the account; the identity and the issuers' keys stay. */
  reset(): void {
    this.#replace({ ...this.#state, iam: EMPTY_IAM });
  }

  #replace(state: CloudState): void {
    this.#state = state;
    this.#dirty = true;
  }

  /** Resolves when everything changed so far is on disk. One write at a time; later changes share the next. */
  saved(): Promise<void> {
    if (!this.#save || !this.#dirty) return this.#saving;
    this.#saving = this.#write(this.#save, this.#saving);
    // Whoever asks waits on the promise itself; a failure that nobody asked about must not end the process.
    this.#saving.catch(() => undefined);
    return this.#saving;
  }

  async #write(save: (state: CloudState) => Promise<void>, before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    if (!this.#dirty) return;
    this.#dirty = false;
    try {
      await save(this.#state);
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }
}
