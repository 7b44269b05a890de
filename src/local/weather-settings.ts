import { RolecallError } from "../core/errors.ts";

/** What can go wrong at AWS, and does here on request. */
export interface WeatherSettings {
  /** Milliseconds for which a new or changed role or provider is not yet seen by STS. */
  readonly propagation: number;
  /** Once in so many exchanges the issuer's key cannot be had; 0 is never. */
  readonly "key-unreachable": number;
  /** Once in so many calls `Throttling`; 0 is never. */
  readonly throttle: number;
  /** Once in so many calls a 500; 0 is never. */
  readonly error: number;
  /** Milliseconds before each answer. */
  readonly slow: number;
  /** Milliseconds by which AWS's clock is ahead. */
  readonly skew: number;
}

export type WeatherName = keyof WeatherSettings;

/** A change of weather: `10s`, `200ms`, `-120s`, or a count. What is left out stays. */
export type WeatherChange = Readonly<Partial<Record<WeatherName, string | number>>>;

export const FAIR: WeatherSettings = {
  propagation: 0,
  "key-unreachable": 0,
  throttle: 0,
  error: 0,
  slow: 0,
  skew: 0,
};

interface Kind {
  readonly wanted: string;
  readonly read: (text: string) => number | null;
}

const COUNT: Kind = {
  wanted: "a whole number (once in so many; 0 is never)",
  read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null),
};
const SPAN: Kind = { wanted: "a time such as 10s or 200ms", read: (text) => readSpan(text, false) };
const SHIFT: Kind = { wanted: "a time such as 120s or -120s", read: (text) => readSpan(text, true) };

const KINDS: Readonly<Record<WeatherName, Kind>> = {
  propagation: SPAN,
  "key-unreachable": COUNT,
  throttle: COUNT,
  error: COUNT,
  slow: SPAN,
  skew: SHIFT,
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

// A bare 0 needs no unit; any other number would be a guess.
function readSpan(text: string, negative: boolean): number | null {
  const [, sign = "", number, unit] = /^([+-]?)(\d{1,9})(ms|s|m|h)?$/.exec(text) ?? [];
  if (number === undefined || (sign === "-" && !negative)) return null;
  if (unit === undefined && Number(number) !== 0) return null;
  return (sign === "-" ? -1 : 1) * Number(number) * (UNITS[unit ?? "ms"] ?? 1);
}

/**
 * Lays a change over the weather.
 *
 * @throws RolecallError `usage` for a name or value that is none
 */
export function changeWeather(before: WeatherSettings, change: Readonly<Record<string, unknown>>): WeatherSettings {
  const after: Record<WeatherName, number> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    if (!isWeatherName(name)) throw unknownName(name);
    const kind = KINDS[name];
    const read = typeof value === "string" || typeof value === "number" ? kind.read(String(value)) : null;
    if (read === null) {
      throw new RolecallError("usage", `weather: ${name}: expected ${kind.wanted}, got ${JSON.stringify(value)}`);
    }
    after[name] = read;
  }
  return after;
}

/**
 * Reads `--weather`: `propagation=10s,throttle=5`.
 *
 * @throws RolecallError `usage`
 */
export function parseWeather(text: string): WeatherChange {
  const pairs = text.split(",").map((part): [string, string] => {
    const at = part.indexOf("=");
    return at < 0 ? [part.trim(), ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
  const change = Object.fromEntries(pairs);
  changeWeather(FAIR, change);
  return change;
}

function isWeatherName(name: string): name is WeatherName {
  return Object.hasOwn(KINDS, name);
}

function unknownName(name: string): RolecallError {
  const known = Object.keys(KINDS).join(", ");
  return new RolecallError("usage", `weather: expected ${known}, got ${JSON.stringify(name)}`);
}
