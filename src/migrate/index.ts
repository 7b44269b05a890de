import { migrateBitbucket } from "./bitbucket.ts";
import { suggestByHand } from "./by-hand.ts";
import { migrateCircleci } from "./circleci.ts";
import { migrateGithub } from "./github.ts";
import { GITLAB_FILE } from "./gitlab-config.ts";
import { migrateGitlab } from "./gitlab.ts";
import { suggestJenkins } from "./jenkins.ts";
import { readProjectScripts } from "./project-scripts.ts";
import { type Files, type Migration, NO_MIGRATION, type Setup } from "./migration.ts";

type Migrate = (files: Files, setup: Setup) => Migration;

/** How each CI's files are moved; only Jenkins' are never written. */
export const MIGRATIONS: Readonly<Record<string, Migrate>> = {
  gitlab: withSuggestions((files, setup) =>
    files.has(GITLAB_FILE) ? migrateGitlab(files, setup) : { ...NO_MIGRATION, ci: "gitlab" },
  ),
  github: withSuggestions(migrateGithub),
  circleci: withSuggestions(migrateCircleci),
  bitbucket: withSuggestions(migrateBitbucket),
  jenkins: suggestJenkins,
};

function withSuggestions(migrate: Migrate): Migrate {
  return (files, said) => {
    const setup = { ...said, scripts: readProjectScripts(files) };
    const migration = migrate(files, setup);
    if (migration.refusals.length === 0) return migration;
    return { ...migration, suggestions: suggestByHand(files, migration, setup) };
  };
}
