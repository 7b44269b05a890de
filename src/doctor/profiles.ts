/** The profiles of an AWS config or credentials file: name to settings. */
export type Profiles = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * Reads profiles as AWS CLI and SDKs do, as far as it matters where a session comes from. In the config file a
 * profile's header is `[profile NAME]` or `[default]`, in the credentials file `[NAME]`.
 * Source: AWS SDKs and Tools reference guide, shared config and credentials files.
 */
export function readProfiles(text: string): Profiles {
  const profiles = new Map<string, Record<string, string>>();
  let current: Record<string, string> | null = null;
  for (const line of text.split(/\r?\n/)) {
    const [, header] = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line) ?? [];
    if (header !== undefined) {
      const name = header.replace(/^profile\s+/, "").replaceAll(/^["']|["']$/g, "");
      current = profiles.get(name) ?? {};
      profiles.set(name, current);
      continue;
    }
    const [, key, value] = /^([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (current && key !== undefined && value !== undefined) current[key.toLowerCase()] = value;
  }
  return profiles;
}

/** Settings of several files together; a later file adds to an earlier one's profile. */
export function joinProfiles(...all: readonly Profiles[]): Profiles {
  const joined = new Map<string, Readonly<Record<string, string>>>();
  for (const profiles of all) {
    for (const [name, settings] of profiles) joined.set(name, { ...joined.get(name), ...settings });
  }
  return joined;
}

/** How a profile comes to its credentials, where CDK before 2.167 does not follow. */
export function webIdentityOf(name: string, profiles: Profiles): "itself" | "source" | null {
  const own = profiles.get(name) ?? {};
  if (own["credential_process"]) return null;
  if (own["web_identity_token_file"]) return "itself";
  const source = own["source_profile"];
  return source !== undefined && source !== name && profiles.get(source)?.["web_identity_token_file"] ? "source" : null;
}
