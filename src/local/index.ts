export type { AdminKey } from "./admin-key.ts";
export { createLocalCloud } from "./cloud.ts";
export type { ClientConfig, IssuerAddress, LocalCloud, LocalCloudOptions } from "./cloud.ts";
export type { Exchange } from "./exchanges.ts";
export type { Minted, MintRequest } from "./mint-request.ts";
export type { NewProvider, NewRole, PolicyDocument } from "./new-role.ts";
export { parseWeather } from "./weather-settings.ts";
export type { WeatherChange, WeatherName } from "./weather-settings.ts";
