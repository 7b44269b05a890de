import { readFileSync } from "node:fs";
import { RolecallError } from "../core/errors.ts";
import { parseToken, type Token } from "../core/token.ts";

/** Where to take an ID token from when the user says so. */
export type TokenPlace =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" };

/** What reading needs of the outside. */
export interface TokenIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readStdin: () => Promise<string>;
}

/**
 * Reads an ID token. White space around it is dropped: `echo "$TOKEN" > file` leaves a newline,
 * which STS would be sent as it is (failure catalogue F76).
 *
 * @throws RolecallError `no-token` when there is nothing to read, `config` when it is not a JWT
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
  return place.kind === "file" ? place.path : "standard input";
}

function emptyHints(place: TokenPlace): string[] {
  return place.kind === "env"
    ? ["is the variable set in this job? GitLab sets it only in jobs whose id_tokens: names it"]
    : [];
}

async function readPlace(place: TokenPlace, io: TokenIo): Promise<string> {
  if (place.kind === "stdin") return io.readStdin();
  if (place.kind === "env") return io.env[place.name] ?? "";
  try {
    // node:fs/promises would have to be loaded first; one small file is read at once.
    return readFileSync(place.path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RolecallError(
      "no-token",
      `the token file ${place.path} cannot be read: ${REASONS[code ?? ""] ?? message}`,
      {
        cause: error,
      },
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
};
