import type { IamState } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { changeWeather, FAIR, type WeatherSettings } from "./weather-settings.ts";

type Counted = "key-unreachable" | "throttle" | "error";

// Codes and texts that AWS's clients know to try again; the text of Throttling is the common one, not recorded.
const THROTTLED = refuse(400, "Throttling", "Rate exceeded");
const BROKEN = refuse(
  500,
  "InternalFailure",
  "The request processing has failed because of an unknown error, exception or failure.",
);

/** What goes wrong, and when: by counting, so that the same calls meet the same weather each time. */
export class Weather {
  #settings: WeatherSettings = FAIR;
  readonly #counts: Record<Counted, number> = { "key-unreachable": 0, throttle: 0, error: 0 };
  /** When roles and providers were last changed, by ARN. */
  readonly #changed = new Map<string, number>();

  get settings(): WeatherSettings {
    return this.#settings;
  }

  /**
   * Lays a change over the settings; counting begins anew.
   *
   * @throws RolecallError `usage` for a name or value that is none
   */
  change(change: Readonly<Record<string, unknown>>): void {
    this.#settings = changeWeather(this.#settings, change);
    for (const name of Object.keys(this.#counts)) this.#counts[name as Counted] = 0;
  }

  /** Counts a call to AWS: what it is refused with, or null when it gets through. */
  strike(): Refusal | null {
    if (this.#hits("throttle")) return THROTTLED;
    return this.#hits("error") ? BROKEN : null;
  }

  /** Counts an exchange: true when its issuer's key cannot be had. */
  hidesKey(): boolean {
    return this.#hits("key-unreachable");
  }

  #hits(name: Counted): boolean {
    const every = this.#settings[name];
    if (every === 0) return false;
    this.#counts[name]++;
    return this.#counts[name] % every === 0;
  }

  /** Remembers which roles and providers a write made or changed. */
  noteWrite(before: IamState, after: IamState, now: number): void {
    if (this.#settings.propagation === 0 || before === after) return;
    for (const [name, role] of after.roles) if (before.roles.get(name) !== role) this.#changed.set(role.arn, now);
    for (const [arn, provider] of after.providers) {
      if (before.providers.get(arn) !== provider) this.#changed.set(arn, now);
    }
  }

  /** True while STS does not yet see the last change of a role or provider. */
  settles(arn: string, now: number): boolean {
    const since = this.#changed.get(arn);
    return since !== undefined && now - since < this.#settings.propagation;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#changed.clear();
  }
}
