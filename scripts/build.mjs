// @ts-check
// Builds dist/ from src/: the command line as two bundles (see docs/layout.md), the library, the action, the console's
// page, and the licences of what was bundled. `--types` adds the library's declarations, which only publishing needs.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { renderLicenses } from "./licenses.mjs";
import { run } from "./run.mjs";
import { ROOT, ensurePackages, isMain, requireNode, say } from "./setup.mjs";

/** @typedef {Omit<import("esbuild").BuildOptions, "write" | "metafile">} BuildOptions */

/** Commands that a pipeline runs again and again. They start in one small file, since start-up is what a job pays for. */
const JOB_COMMANDS = ["exec", "creds"];

/** @satisfies {import("esbuild").BuildOptions} */
const COMMON = {
  bundle: true,
  platform: /** @type {const} */ ("node"),
  target: "node20",
  write: /** @type {const} */ (false),
  metafile: /** @type {const} */ (true),
  logLevel: /** @type {const} */ ("warning"),
  charset: /** @type {const} */ ("utf8"),
  // The ES modules of packages that have both: of those, esbuild can leave out what is not used.
  mainFields: ["module", "main"],
  define: { ROLECALL_VERSION: JSON.stringify(readVersion()) },
};

const REQUIRE =
  'import { createRequire } from "node:module";\nconst require = /* @__PURE__ */ createRequire(import.meta.url);\n';

/** @typedef {{ readonly path: string, readonly contents: string | Uint8Array }} File */
/** @typedef {{ readonly name: string, readonly files: readonly File[], readonly metafile: import("esbuild").Metafile }} Bundle */

/**
 * @param {{ root?: string, types?: boolean }} [options]
 */
export async function build({ root = ROOT, types = false } = {}) {
  const bundling = Promise.all(bundlesOf(root).map(({ name, options }) => bundle(root, name, options)));
  const [bundles] = await Promise.all([bundling, types ? buildTypes(root) : undefined]);
  await writeDist(join(root, "dist"), [
    ...bundles.flatMap(({ name, files }) => (name === "console" ? [consolePage(root, files)] : files)),
    ...bundles.map(({ name, metafile }) => ({ path: `meta/${name}.json`, contents: JSON.stringify(metafile) })),
    ...existingFiles(root, ["src/migrate/rolecall.sh"]).map((path) => ({
      path: basename(path),
      contents: readFileSync(join(root, path)),
    })),
    { path: "THIRD-PARTY-LICENSES.txt", contents: licensesOf(root, bundles) },
  ]);
}

/**
 * @param {string} root
 * @param {string} name
 * @param {BuildOptions} options
 * @returns {Promise<Bundle>} with paths relative to dist/
 */
async function bundle(root, name, options) {
  const esbuild = await import("esbuild");
  const { outputFiles, metafile } = await esbuild.build({ ...COMMON, ...options, absWorkingDir: root });
  const files = outputFiles.map((file) => ({
    path: relative(join(root, "dist"), file.path),
    contents: withRequire(file),
  }));
  return { name, files, metafile };
}

/**
 * @param {string} root
 * @param {readonly Bundle[]} bundles
 */
function licensesOf(root, bundles) {
  const metafiles = bundles.map(({ metafile }) => metafile);
  return renderLicenses(root, metafiles);
}

/**
 * Gives `require` to a file that needs it: some packages are CommonJS and load Node's own modules, which an ES module
 * cannot do unaided. esbuild marks the file with the message of the error that it would throw.
 *
 * @param {import("esbuild").OutputFile} file
 */
function withRequire({ contents, text }) {
  return text.includes("Dynamic require of") ? REQUIRE + text : contents;
}

/**
 * What to build, as far as its source exists.
 *
 * @param {string} root
 * @returns {readonly { readonly name: string, readonly options: BuildOptions }[]}
 */
function bundlesOf(root) {
  const main = existingFiles(root, ["src/cli/bin.ts"]);
  const rest = [...restCommands(root), ...sourcesIn(root, "src/cli/chunks")];
  const library = existingFiles(root, ["src/index.ts", "src/local.ts"]);
  const action = existingFiles(root, ["src/action/main.ts", "src/action/post.ts"]);
  const page = existingFiles(root, ["src/console/main.tsx", "src/console/style.css"]);
  return [
    { name: "job", options: jobOptions(main) },
    { name: "rest", options: restOptions(rest, library) },
    { name: "action", options: actionOptions(action) },
    { name: "console", options: consoleOptions(page) },
  ].filter(({ options }) => Object.keys(options.entryPoints ?? {}).length > 0);
}

/**
 * CommonJS, because Node's loader for ES modules costs about 7 ms at start.
 *
 * @param {readonly string[]} entryPoints
 * @returns {BuildOptions}
 */
function jobOptions(entryPoints) {
  return {
    entryPoints: Object.fromEntries(entryPoints.map((path) => ["main", path])),
    outdir: "dist/cli",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    minify: true,
    legalComments: "external",
    banner: { js: "#!/usr/bin/env node" },
    plugins: [separateChunks],
  };
}

/**
 * The other commands and the library, which share what both need: built apart, the local AWS would be in the package
 * twice. Bundled, so that the package has no dependencies. Names stay as in the source, so that a user can step through
 * the library and read its stack traces.
 *
 * @param {readonly string[]} commands
 * @param {readonly string[]} library
 * @returns {BuildOptions}
 */
function restOptions(commands, library) {
  const places = [
    ...commands.map((path) => [path.replace(/^src\/(.*)\.ts$/, "$1"), path]),
    ...library.map((path) => [`lib/${basename(path, ".ts")}`, path]),
  ];
  return {
    entryPoints: /** @type {Record<string, string>} */ (Object.fromEntries(places)),
    outdir: "dist",
    chunkNames: "shared/[name]-[hash]",
    format: "esm",
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "external",
  };
}

/**
 * Two files that need nothing beside them, since a runner has no more than the repository at a tag.
 *
 * @param {readonly string[]} entryPoints
 * @returns {BuildOptions}
 */
function actionOptions(entryPoints) {
  return {
    entryPoints: [...entryPoints],
    outdir: "dist/action",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    minify: true,
    legalComments: "external",
  };
}

/**
 * Script and style of the console's page, for browsers of the last years.
 *
 * @param {readonly string[]} entryPoints
 * @returns {BuildOptions}
 */
function consoleOptions(entryPoints) {
  return {
    entryPoints: [...entryPoints],
    outdir: "dist/console",
    platform: "browser",
    target: ["es2022"],
    format: "esm",
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
  };
}

/**
 * The console as one file, which needs nothing beside it: the local cloud serves it and allows exactly this script and
 * this style (src/local/console-page.ts).
 *
 * @param {string} root
 * @param {readonly File[]} files
 * @returns {File}
 */
function consolePage(root, files) {
  const html = readFileSync(join(root, "src", "console", "page.html"), "utf8");
  const contents = files.reduce(
    (page, file) => withInline(page, file.path, Buffer.from(file.contents).toString()),
    html,
  );
  return { path: "console/index.html", contents };
}

/**
 * @param {string} html
 * @param {string} path
 * @param {string} text
 */
function withInline(html, path, text) {
  const element = path.endsWith(".css") ? "style" : "script";
  // What would end the element is not in its text: esbuild writes `</script` as `<\/script`.
  if (text.toLowerCase().includes(`</${element}`)) throw new Error(`${path} would end its <${element}>`);
  const end = html.indexOf(`</${element}>`);
  if (end < 0) throw new Error(`src/console/page.html has no <${element}>`);
  return html.slice(0, end) + text.trim() + html.slice(end);
}

/**
 * Keeps out of the job bundle what a job does not run: every lazily imported command or chunk of the CLI that is not
 * on the list becomes an import of a file beside the bundle.
 *
 * @type {import("esbuild").Plugin}
 */
const separateChunks = {
  name: "separate-chunks",
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path, importer, resolveDir }) => {
      if (kind !== "dynamic-import" || !importer.includes(`${sep}src${sep}cli${sep}`)) return undefined;
      const target = join(resolveDir, path);
      const folder = basename(dirname(target));
      const name = basename(target, ".ts");
      const isSeparate = folder === "chunks" || (folder === "commands" && !JOB_COMMANDS.includes(name));
      return isSeparate ? { path: `./${folder}/${name}.js`, external: true } : undefined;
    });
  },
};

function readVersion() {
  const text = readFileSync(join(ROOT, "package.json"), "utf8");
  const manifest = /** @type {{ version: string }} */ (JSON.parse(text));
  return manifest.version;
}

/** @param {string} root */
function restCommands(root) {
  return sourcesIn(root, "src/cli/commands").filter((path) => !JOB_COMMANDS.includes(basename(path, ".ts")));
}

/**
 * @param {string} root
 * @param {string} folder
 */
function sourcesIn(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`);
}

/**
 * @param {string} root
 * @param {readonly string[]} paths
 */
function existingFiles(root, paths) {
  return paths.filter((path) => existsSync(join(root, path)));
}

/**
 * Makes dist/ hold these files. Each is replaced whole, so that a rolecall that runs meanwhile sees the old file or the
 * new one; what an earlier build left behind goes last.
 *
 * @param {string} dist
 * @param {readonly File[]} files
 */
async function writeDist(dist, files) {
  await Promise.all(files.map(({ path, contents }) => replaceFile(join(dist, path), contents)));
  const kept = new Set(files.map(({ path }) => join(dist, path)));
  const types = join(dist, "lib", "types") + sep;
  const stale = filesUnder(dist).filter((path) => !kept.has(path) && !path.startsWith(types));
  await Promise.all(stale.map((path) => rm(path, { force: true })));
}

/**
 * @param {string} path
 * @param {string | Uint8Array} contents
 */
async function replaceFile(path, contents) {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, contents);
  await chmod(temporary, path.endsWith("main.cjs") ? 0o755 : 0o644);
  await rename(temporary, path);
}

/**
 * @param {string} folder
 * @returns {string[]} without dot files, which are those that another build is writing
 */
function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * The library's declarations. They may name Node's types, never those of a package: nobody would have it installed.
 *
 * @param {string} root
 */
async function buildTypes(root) {
  const folder = join(root, "dist", "lib", "types");
  await rm(folder, { recursive: true, force: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, output } = await run(process.execPath, [tsc, "-p", "tsconfig.types.json"], { cwd: root });
  if (status !== 0) throw new Error(`tsc found errors in the library's types\n${output}`);
  const files = await keepReachable(folder);
  const foreign = files.flatMap(({ text }) => foreignImports(text));
  if (foreign.length > 0) throw new Error(`the library's types import packages: ${foreign.join(", ")}`);
  await Promise.all(files.map(({ path, text }) => writeFile(path, withJsImports(text))));
}

/**
 * tsc declares every module; users see only what the two entry points lead to, and the rest is deleted.
 *
 * @param {string} folder
 * @returns {Promise<readonly { readonly path: string, readonly text: string }[]>}
 */
async function keepReachable(folder) {
  const kept = /** @type {Map<string, string>} */ (new Map());
  const waiting = ["index.d.ts", "local.d.ts"].map((name) => join(folder, name));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (kept.has(path)) continue;
    const here = dirname(path);
    const text = readFileSync(path, "utf8");
    kept.set(path, text);
    const relatives = importsOf(text).filter((name) => name.startsWith("."));
    waiting.push(...relatives.map((name) => join(here, name.replace(/\.ts$/, ".d.ts"))));
  }
  await Promise.all(
    filesUnder(folder)
      .filter((path) => !kept.has(path))
      .map((path) => rm(path)),
  );
  return [...kept].map(([path, text]) => ({ path, text }));
}

/**
 * tsc rewrites `./x.ts` in code but leaves it in declarations, where older compilers refuse it.
 *
 * @param {string} declarations
 */
function withJsImports(declarations) {
  return declarations.replace(/(\b(?:from|import\()\s*["']\.[^"']*)\.ts(?=["'])/g, "$1.js");
}

/** @param {string} declarations */
function importsOf(declarations) {
  const imports = declarations.matchAll(/\b(?:from|import\()\s*["']([^"']+)["']/g);
  return [...imports].map(([, name = ""]) => name);
}

/** @param {string} declarations */
function foreignImports(declarations) {
  return importsOf(declarations).filter((name) => !/^(\.|node:)/.test(name));
}

/**
 * {@link build}, for scripts that cannot go on without it: one line instead of a stack trace.
 *
 * @param {{ types?: boolean }} [options]
 */
export async function buildOrExit(options) {
  await build(options).catch((/** @type {Error} */ { message }) => {
    say(`the build failed: ${message}`);
    process.exit(1);
  });
}

if (isMain(import.meta.url)) {
  requireNode();
  await ensurePackages();
  await buildOrExit({ types: process.argv.includes("--types") });
}
