export { createLocalCloud } from "./cloud.ts";
export type { IssuerAddress, LocalCloud, LocalCloudOptions } from "./cloud.ts";
export type { Exchange } from "./exchanges.ts";
export type { Minted } from "./issuers.ts";
export type { MintRequest } from "./mint-request.ts";
export { parseWeather } from "./weather-settings.ts";
export type { WeatherChange, WeatherName } from "./weather-settings.ts";
export type { AdminKey } from "./state.ts";
