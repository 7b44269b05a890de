declare const ROLECALL_VERSION: string;

/** rolecall's own version; the build puts it in. */
export const VERSION: string = typeof ROLECALL_VERSION === "string" ? ROLECALL_VERSION : "dev";
