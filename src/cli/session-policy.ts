import { RolecallError } from "../core/errors.ts";

/**
 * `--policy`: the document itself, or the name of a file that holds it, with or without the AWS CLI's `file://`.
 *
 * @throws RolecallError `config` when it cannot be read or is not JSON
 */
export async function readSessionPolicy(text: string): Promise<string> {
  const document = text.trimStart().startsWith("{") ? text : await readPolicyFile(text);
  try {
    JSON.parse(document);
    return document;
  } catch (error) {
    throw new RolecallError("config", `--policy is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

async function readPolicyFile(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path.replace(/^file:\/\//, ""), "utf8");
  } catch (error) {
    throw new RolecallError("config", `--policy cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
