// @ts-check
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** @typedef {import("esbuild").Metafile} Metafile */
/** @typedef {{ name: string, version: string, license: string, text: string }} Package */

/** What every licence that may go into an MIT package without further terms is called. */
const PERMISSIVE = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
];

const RULE = "-".repeat(80);

/**
 * The licence texts of the packages that were bundled.
 *
 * @param {string} root
 * @param {readonly Metafile[]} metafiles
 * @throws when a package's licence is not one that we may pass on
 */
export function renderLicenses(root, metafiles) {
  const packages = bundledPackages(metafiles).map((folder) => readPackage(root, folder));
  const refused = packages.filter(({ license }) => !isPermissive(license));
  if (refused.length > 0) throw new Error(`not to be bundled: ${refused.map(describe).join(", ")}`);
  const sections = [...groupByText(packages)].map(([text, titles]) => `${titles.toSorted().join("\n")}\n\n${text}\n`);
  return ["rolecall contains code of these packages.\n", ...sections.toSorted()].join(`\n${RULE}\n\n`);
}

/**
 * Two dozen packages of the AWS SDK share one text.
 *
 * @param {readonly Package[]} packages
 * @returns {Map<string, string[]>} titles by licence text
 */
function groupByText(packages) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const entry of packages) {
    const titles = groups.get(entry.text) ?? [];
    groups.set(entry.text, [...titles, describe(entry)]);
  }
  return groups;
}

/**
 * The folders, relative to the root, of the packages with code in these bundles.
 *
 * @param {readonly Metafile[]} metafiles
 */
export function bundledPackages(metafiles) {
  const paths = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(paths)].filter((path) => path !== undefined);
}

/**
 * Of alternatives (`OR`) one that suits is enough; where terms add up (`AND`), each must suit.
 *
 * @param {string} license an SPDX expression
 */
export function isPermissive(license) {
  const ids = license.replace(/[()]/g, "").split(/ (?:OR|AND) /);
  const suits = (/** @type {string} */ id) => PERMISSIVE.includes(id.trim());
  return license.includes(" AND ") ? ids.every(suits) : ids.some(suits);
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {Package}
 */
function readPackage(root, folder) {
  const { name, version, license: declared } = readManifest(join(root, folder, "package.json"));
  const license = typeof declared === "string" ? declared : "no licence";
  const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(root, folder, file), "utf8"));
  return { name, version, license, text: texts.join("\n").trim() || `Licensed under ${license}.` };
}

/**
 * @param {string} path
 * @returns {{ name: string, version: string, license?: unknown }}
 */
function readManifest(path) {
  return /** @type {{ name: string, version: string }} */ (JSON.parse(readFileSync(path, "utf8")));
}

/** @param {Package} entry */
function describe({ name, version, license }) {
  return `${name} ${version} (${license})`;
}
