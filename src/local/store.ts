import { withAdmin } from "./admin-user.ts";
import { EMPTY_IAM, type IamState } from "./records.ts";
import type { CloudIdentity, CloudState, IssuerKey, KeyUse } from "./state.ts";

const USE_STEP = 15 * 60 * 1000;

/** Holds the state of one cloud and has every change saved before it is answered. */
export class Store {
  #state: CloudState;
  readonly #save: ((state: CloudState) => Promise<void>) | null;
  #dirty = false;
  #writing = false;
  #saving: Promise<void> = Promise.resolve();

  readonly #now: () => number;
  readonly #uses: Map<string, KeyUse>;
  #usesSaved = 0;

  /** @param now milliseconds since 1970 */
  constructor(state: CloudState, save: ((state: CloudState) => Promise<void>) | null, now: () => number = Date.now) {
    this.#now = now;
    this.#state = { ...state, iam: withAdmin(state.iam, state.identity, now()) };
    this.#uses = new Map(state.uses);
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

  /** When an access key, or a role, was last used. */
  lastUse(id: string): KeyUse | undefined {
    return this.#uses.get(id);
  }

  /** Notes a use. On disk it goes with the next change, or when the last one there is a quarter of an hour old. */
  noteUse(id: string, use: KeyUse): void {
    const before = this.#uses.get(id);
    this.#uses.set(id, use);
    if (before?.service === use.service && before.region === use.region && use.at - this.#usesSaved < USE_STEP) return;
    this.#usesSaved = use.at;
    this.#dirty = true;
  }

  /** Empties the account; the identity and the issuers' keys stay. */
  reset(): void {
    const iam = withAdmin(EMPTY_IAM, this.identity, this.#now());
    this.#uses.clear();
    this.#replace({ ...this.#state, iam });
  }

  #replace(state: CloudState): void {
    this.#state = state;
    this.#dirty = true;
  }

  /** True when there is nothing to write and nothing being written: {@link saved} would not make anybody wait. */
  get isSaved(): boolean {
    return !this.#save || (!this.#dirty && !this.#writing);
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
    this.#writing = true;
    try {
      await save({ ...this.#state, uses: this.#uses });
    } catch (error) {
      this.#dirty = true;
      throw error;
    } finally {
      this.#writing = false;
    }
  }
}
