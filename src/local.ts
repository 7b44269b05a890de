// `rolecall/local`: what src/local/ has for users, and what puts the account's side into it, which is in cli.
export { applyConfig, type ConfigObject } from "./cli/apply-config.ts";
export type {
  AdminKey,
  ClientConfig,
  Exchange,
  IssuerAddress,
  LocalCloud,
  LocalCloudOptions,
  Minted,
  MintRequest,
  NewProvider,
  NewRole,
  PolicyDocument,
  WeatherChange,
  WeatherName,
} from "./local/index.ts";
export { createLocalCloud, parseWeather } from "./local/index.ts";
export type { Decision } from "./core/decide.ts";
export type { ErrorCode } from "./core/errors.ts";
export { isRolecallError, RolecallError } from "./core/errors.ts";
