import { readFile, rm } from "node:fs/promises";
import { clearCache } from "../../credentials/cache.ts";
import { gitlabFile } from "../../credentials/hand-over/gitlab.ts";
import { parseProfileName, removeProfile } from "../../credentials/profile.ts";
import { modeOf, PRIVATE_FILE, writeFileAtomic } from "../../wire/files.ts";
import { defineCommand } from "../command.ts";
import { awsConfigPath, cachePath } from "../home.ts";
import { note } from "../report.ts";

export default defineCommand({
  name: "logout",
  summary: "take out what login wrote, the kept sessions, and the file of creds --format gitlab",
  usage: "[options]",
  examples: [["rolecall logout", "all profiles of rolecall and all kept sessions"]],
  options: { profile: { type: "string", value: "NAME", help: "only this profile (by default all that login wrote)" } },
  async run({ options }, io) {
    const profile = options.profile === undefined ? undefined : parseProfileName(options.profile, "--profile");
    const path = awsConfigPath(io);
    const text = await readFile(path, "utf8").catch(() => "");
    const removed = removeProfile(text, profile);
    if (removed.deleteFile) await rm(path, { force: true });
    else if (removed.profiles.length > 0) await writeFileAtomic(path, removed.text, await modeOf(path, PRIVATE_FILE));
    const sessions = await clearCache(cachePath(io));
    const file = gitlabFile(io.env);
    if (file !== null && profile === undefined) await rm(file, { force: true });
    if (options.quiet) return 0;
    const names = removed.profiles.length > 0 ? `profile ${removed.profiles.join(", ")}` : "no profile";
    note(io, `took ${names} out of ${path}, and ${sessions} kept session${sessions === 1 ? "" : "s"}`);
    return 0;
  },
});
