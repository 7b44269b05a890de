import { expect } from "vitest";
import { type ErrorCode, isRolecallError } from "../../src/core/errors.ts";

interface RolecallMatchers {
  /**
   * That a function throws a RolecallError with this code, and a message that contains or matches `message`. After
   * `.rejects`, that a promise is rejected with one.
   *
   * @example
   * expect(() => parseArn("x")).toThrowWithCode("config", "an ARN starts with arn:");
   * await expect(exchange(request)).rejects.toThrowWithCode("unavailable", /after 3 attempts/);
   */
  toThrowWithCode(code: ErrorCode, message?: string | RegExp): void;
}

declare module "vitest" {
  // The parameter is vitest's own and must be declared alike.
  // oxlint-disable-next-line typescript/no-explicit-any
  interface Matchers<T = any> extends RolecallMatchers {}
}

expect.extend({
  toThrowWithCode(received: unknown, code: ErrorCode, message: string | RegExp = "") {
    const thrown = typeof received === "function" ? thrownBy(received as () => unknown) : received;
    const got = describe(thrown);
    const expected = `${code}: ${String(message)}`;
    return {
      pass: isRolecallError(thrown) && thrown.code === code && matches(thrown.message, message),
      message: () => `expected ${this.isNot ? "anything but " : ""}${expected}\ngot      ${got}`,
      actual: got,
      expected,
    };
  },
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

function matches(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
}

function describe(thrown: unknown): string {
  if (thrown === undefined) return "no error";
  if (isRolecallError(thrown)) return `${thrown.code}: ${thrown.message}`;
  return thrown instanceof Error
    ? `${thrown.name}, not a RolecallError: ${thrown.message}`
    : "something that is no error";
}
