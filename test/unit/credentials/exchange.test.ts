import { describe, expect, it } from "vitest";
import { RolecallError } from "../../../src/core/errors.ts";
import { exchange, type ExchangeIo } from "../../../src/credentials/exchange.ts";
import type { AssumeAnswer } from "../../../src/wire/sts.ts";
import { CALL, CREDENTIALS } from "./example.ts";

const GOOD: AssumeAnswer = { kind: "credentials", credentials: CREDENTIALS };

function refusal(code: string, message = "no", status = 400): AssumeAnswer {
  return { kind: "refused", code, message, status, requestId: null, date: null };
}

function unreachable(permanent = false): RolecallError {
  return new RolecallError("unavailable", "https://sts.test cannot be reached: ECONNREFUSED", { permanent });
}

interface Told {
  /** When each try began, and how long it might take. */
  readonly tries: { readonly at: number; readonly timeout: number }[];
  readonly waits: number[];
  readonly retries: string[];
}

/** An STS that gives these answers, the last one for ever, and a clock that only it and the waits move. */
function sts(
  answers: readonly (AssumeAnswer | Error)[],
  { takes = 0, random = 1 }: { readonly takes?: number; readonly random?: number } = {},
): ExchangeIo & Told {
  let clock = 1_000_000;
  const told: Told = { tries: [], waits: [], retries: [] };
  return {
    ...told,
    assume: (_, timeout) => {
      told.tries.push({ at: clock - 1_000_000, timeout });
      if (told.tries.length > 50) throw new Error("it never gives up");
      clock += Math.min(takes, timeout);
      const answer = answers[told.tries.length - 1] ?? answers.at(-1) ?? GOOD;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    now: () => clock,
    sleep: (milliseconds) => {
      told.waits.push(milliseconds);
      clock += milliseconds;
      return Promise.resolve();
    },
    random: () => random,
    onRetry: (why) => told.retries.push(why),
  };
}

describe("an exchange", () => {
  it("that succeeds asks once and does not wait", async () => {
    const io = sts([GOOD]);
    expect(await exchange(CALL, io)).toEqual({ outcome: "credentials", credentials: CREDENTIALS });
    expect([io.tries.length, io.waits]).toEqual([1, []]);
  });

  it.each([
    ["no connection", unreachable()],
    ["a fault of STS", refusal("InternalFailure", "Unknown error validating third-party token", 500)],
    ["503", refusal("ServiceUnavailable", "busy", 503)],
    ["an unknown fault with 5xx", refusal("Whatever", "oops", 502)],
    ["throttling", refusal("Throttling", "Rate exceeded")],
    ["throttling by its other name", refusal("ThrottlingException", "Rate exceeded")],
    ["an issuer that AWS could not reach", refusal("IDPCommunicationError")],
    [
      "keys that AWS could not fetch",
      refusal(
        "InvalidIdentityToken",
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      ),
    ],
  ])("that met %s tries again", async (_, answer) => {
    const io = sts([answer, GOOD]);
    expect(await exchange(CALL, io)).toMatchObject({ outcome: "credentials" });
    expect(io.tries).toHaveLength(2);
    expect(io.retries).toHaveLength(1);
  });

  it.each([
    refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403),
    refusal("InvalidIdentityToken", "Incorrect token audience"),
    refusal("InvalidIdentityToken", "The web identity token provided could not be validated."),
    refusal("ExpiredTokenException", "Token expired: current date/time 2 must be before the expiration date/time 1"),
    refusal("ValidationError", "Request ARN is invalid"),
    refusal("MalformedPolicyDocument"),
    refusal("PackedPolicyTooLarge"),
    refusal("RegionDisabledException", "STS is not activated in this region", 403),
    refusal("IDPRejectedClaim", "revoked", 403),
  ])("that was denied with $code: $message does not", async (answer) => {
    const io = sts([answer, GOOD]);
    expect(await exchange(CALL, io)).toEqual({ outcome: "refused", refusal: answer });
    expect([io.tries.length, io.waits, io.retries]).toEqual([1, [], []]);
  });

  it("that met what does not mend itself does not", async () => {
    const io = sts([unreachable(true), GOOD]);
    await expect(exchange(CALL, io)).rejects.toThrowWithCode("unavailable");
    expect(io.tries).toHaveLength(1);
  });

  it.each([new RolecallError("config", "AWS_CA_BUNDLE cannot be read"), new TypeError("a defect")])(
    "that met %s does not",
    async (error) => {
      const io = sts([error, GOOD]);
      await expect(exchange(CALL, io)).rejects.toBe(error);
      expect(io.tries).toHaveLength(1);
    },
  );

  it("gives up after six tries, with what it met last", async () => {
    const down = sts([refusal("Throttling"), unreachable()]);
    await expect(exchange(CALL, down)).rejects.toThrowWithCode("unavailable", "ECONNREFUSED");
    expect(down.tries).toHaveLength(6);
    const busy = sts([unreachable(), refusal("Throttling", "Rate exceeded")]);
    expect(await exchange(CALL, busy)).toMatchObject({ outcome: "refused", refusal: { code: "Throttling" } });
    expect(busy.tries).toHaveLength(6);
  });

  it("says before each new try why", async () => {
    const io = sts([unreachable(), refusal("Throttling", "Rate exceeded"), GOOD]);
    await exchange(CALL, io);
    expect(io.retries).toEqual(["https://sts.test cannot be reached: ECONNREFUSED", "Throttling: Rate exceeded"]);
  });
});

describe("the wait before a new try", () => {
  it("is at most a limit that doubles up to 5 s", async () => {
    const io = sts([unreachable()], { random: 1 });
    await expect(exchange(CALL, io)).rejects.toThrowWithCode("unavailable");
    expect(io.waits).toEqual([500, 1000, 2000, 4000, 5000]);
  });

  it("is any part of it, also none: full jitter", async () => {
    const none = sts([unreachable()], { random: 0 });
    await expect(exchange(CALL, none)).rejects.toThrowWithCode("unavailable");
    expect(none.waits).toEqual([0, 0, 0, 0, 0]);
    const half = sts([unreachable()], { random: 0.5 });
    await expect(exchange(CALL, half)).rejects.toThrowWithCode("unavailable");
    expect(half.waits).toEqual([250, 500, 1000, 2000, 2500]);
  });
});

describe("the 30 s for all of it", () => {
  it("hold whatever an STS that hangs does", async () => {
    for (const takes of [10_000, 9900, 7000, 29_999]) {
      for (const random of [0, 0.5, 1]) {
        const io = sts([unreachable()], { takes, random });
        await expect(exchange(CALL, io)).rejects.toThrowWithCode("unavailable");
        const last = io.tries.at(-1) ?? { at: 0, timeout: 0 };
        expect(last.at + Math.min(takes, last.timeout), `${takes} ${random}`).toBeLessThanOrEqual(30_000);
        expect(io.tries.every(({ timeout }) => timeout >= 1000 && timeout <= 10_000)).toBe(true);
      }
    }
  });

  it("leave the last try what is left of them", async () => {
    const io = sts([unreachable()], { takes: 9000, random: 0.5 });
    await expect(exchange(CALL, io)).rejects.toThrowWithCode("unavailable");
    expect(io.tries).toEqual([
      { at: 0, timeout: 10_000 },
      { at: 9250, timeout: 10_000 },
      { at: 18_750, timeout: 10_000 },
      { at: 28_750, timeout: 1250 },
    ]);
  });
});
