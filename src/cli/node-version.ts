// As `engines` in package.json has it; a test compares them.
const OLDEST = [20, 19] as const;

/** What to tell somebody whose Node.js is older than what rolecall runs on; null when it is not. */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return null;
  return `rolecall: error: expected Node.js ${OLDEST.join(".")} or newer, got ${version}\n`;
}
