import { readFileSync } from "node:fs";
import { RolecallError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { parseToken, type Token } from "../core/token.ts";
import { requestToken } from "./token-request.ts";
import { runTokenCommand } from "./token-command.ts";

/** Where to take an ID token from: what the user names, and what a CI has (`TokenSource`). */
export type TokenPlace =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" }
  | { readonly kind: "http"; readonly url: string; readonly bearer: Secret; readonly audience: string }
  | { readonly kind: "command"; readonly command: readonly string[] };

/** What reading needs of the outside. */
export interface TokenIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readStdin: () => Promise<string>;
}

/**
 * Reads an ID token. White space around it is dropped: `echo "$TOKEN" > file` leaves a newline,
 * which STS would be sent as it is (failure catalogue F76).
 *
 * @throws RolecallError `no-token` when there is nothing to read, `config` when it is not a JWT,
 *   `unavailable` when the CI does not answer
 */
export async function readIdToken(place: TokenPlace, io: TokenIo): Promise<Token> {
  const from = describePlace(place);
  const text = await readPlace(place, io);
  if (text.trim() === "")
    throw new RolecallError("no-token", `${from} is empty: expected an ID token`, { hints: emptyHints(place) });
  return parseToken(text.trim(), from);
}

/** How messages name the place. */
export function describePlace(place: TokenPlace): string {
  if (place.kind === "env") return place.name;
  if (place.kind === "file") return place.path;
  if (place.kind === "http") return "the answer of ACTIONS_ID_TOKEN_REQUEST_URL";
  return place.kind === "command" ? `what ${commandName(place.command)} wrote` : "standard input";
}

/** Without its options. */
function commandName(command: readonly string[]): string {
  const end = command.findIndex((word) => word.startsWith("-"));
  return command.slice(0, end < 0 ? undefined : end).join(" ");
}

function emptyHints(place: TokenPlace): string[] {
  return place.kind === "env"
    ? ["is the variable set in this job? GitLab sets it only in jobs whose id_tokens: names it"]
    : [];
}

async function readPlace(place: TokenPlace, io: TokenIo): Promise<string> {
  if (place.kind === "env") return io.env[place.name] ?? "";
  if (place.kind === "file") return readTokenFile(place.path);
  if (place.kind === "http") return requestToken(place, io.env);
  return place.kind === "command" ? runTokenCommand(place.command, io.env) : io.readStdin();
}

function readTokenFile(path: string): string {
  try {
    // node:fs/promises would have to be loaded first; one small file is read at once.
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RolecallError("no-token", `the token file ${path} cannot be read: ${REASONS[code ?? ""] ?? message}`, {
      cause: error,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
};
