import type { Input, Option } from "./command.ts";
import type { Io } from "./io.ts";
import { EXCHANGE_OPTIONS, type JOB_OPTIONS } from "./job-options.ts";

export type JobInput = Input<typeof JOB_OPTIONS>["options"];

/** An option's value and where it came from, as the reader would name it. */
interface Given {
  readonly value: string;
  readonly from: string;
}

/** The option itself, else the first of its variables that is not empty. */
export function given(name: keyof typeof EXCHANGE_OPTIONS, options: JobInput, io: Io): Given | null {
  const value = options[name];
  if (typeof value === "string") return { value, from: `--${name}` };
  const { env = [] }: Option = EXCHANGE_OPTIONS[name];
  const variable = env.find((one) => io.env[one]);
  return variable ? { value: io.env[variable] ?? "", from: variable } : null;
}
