import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { findTool } from "./clients-tools.ts";

/** Where Debian's packages of Go libraries have their sources. */
const SOURCES = "/usr/share/gocode";

/**
 * The Go compiler, when the named SDK is on this machine too; else null.
 *
 * @param sdk `aws-sdk-go` or `aws-sdk-go-v2`
 */
export function findGo(sdk: string): string | null {
  const library = join(SOURCES, "src", "github.com", "aws", sdk);
  return findTool("go", `golang-go golang-github-aws-${sdk}-dev`, library);
}

/**
 * Compiles a program of test/e2e/clients without a network, from Debian's sources. The first time takes half a minute
 * of processor time; after that Go's own cache has it.
 *
 * @returns the program's path
 */
export async function compileGo(go: string, source: string, folder: string): Promise<string> {
  const program = join(folder, "client");
  const env = { ...process.env, GOPATH: SOURCES, GO111MODULE: "off", GOFLAGS: "" };
  await promisify(execFile)(go, ["build", "-o", program, "."], { cwd: source, env });
  return program;
}
