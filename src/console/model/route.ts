/** The screens, by their names in the address. */
export const SCREENS = ["map", "playground", "exchanges", "roles", "providers"] as const;

export type Screen = (typeof SCREENS)[number];

export interface Route {
  readonly screen: Screen;
  /** What is chosen within the screen. */
  readonly query: string;
}

/** Reads the part of an address behind `#`. */
export function readRoute(fragment: string): Route {
  const [path = "", query = ""] = fragment.replace(/^#?\/?/, "").split("?", 2);
  const screen = SCREENS.find((one) => one === path) ?? "map";
  return { screen, query };
}

export function showRoute({ screen, query }: Route): string {
  return `#/${screen}${query === "" ? "" : `?${query}`}`;
}

/** The key in the fragment with which the console was opened; it is no part of what is shared. */
export function keyIn(fragment: string): string | null {
  return /^#key=([\w-]+)$/.exec(fragment)?.[1] ?? null;
}
