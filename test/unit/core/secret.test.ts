import { Console } from "node:console";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";

const TEXT = "eyJhbGciOiJSUzI1NiJ9.not-for-your-eyes";

/** What console.log writes. */
function logged(...values: readonly unknown[]): string {
  let written = "";
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      written += chunk.toString();
      done();
    },
  });
  new Console(stream).log(...values);
  return written;
}

describe("a secret", () => {
  const secret = new Secret(TEXT);

  it("is told only to whoever asks it to reveal itself", () => {
    expect(secret.reveal()).toBe(TEXT);
  });

  it.each([
    ["String", () => String(secret)],
    // oxlint-disable-next-line typescript/restrict-template-expressions -- what somebody may write by mistake
    ["a template", () => `${secret}`],
    ["concatenation", () => ["it is ", secret].join("")],
    ["JSON", () => JSON.stringify({ secret, list: [secret] })],
    ["util.inspect", () => inspect({ secret }, { depth: 9, showHidden: true })],
    ["util.format", () => format("%s %o %j %O", secret, secret, secret, secret)],
    ["console", () => logged("it is", secret, { secret }, [secret], new Map([["k", secret]]))],
    ["an error", () => inspect(new Error("failed", { cause: { secret } }))],
  ])("is hidden from %s", (_, print) => {
    expect(print()).not.toContain("not-for-your-eyes");
    expect(print()).toContain("[secret]");
  });

  it("is in no property that a copy would take along", () => {
    expect(Object.assign({}, secret)).toEqual({});
    expect(Reflect.ownKeys(secret)).toEqual([]);
    expect(structuredClone(secret)).toEqual({});
  });
});
