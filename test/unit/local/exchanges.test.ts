import { describe, expect, it } from "vitest";

import { type Exchange, ExchangeLog } from "../../../src/local/exchanges.ts";

function numbered(number: number): Exchange {
  return {
    time: "2026-07-09T15:41:37.000Z",
    requestId: String(number),
    roleArn: null,
    sessionName: null,
    header: null,
    claims: { number },
    decision: null,
    answer: { status: 400, code: "InvalidIdentityToken", message: null },
    session: null,
    event: null,
  };
}

function filled(count: number): ExchangeLog {
  const log = new ExchangeLog();
  for (let at = 1; at <= count; at++) log.add(() => numbered(at));
  return log;
}

const ids = (log: ExchangeLog): readonly string[] => log.list().map(({ requestId }) => requestId);

describe("the log of exchanges", () => {
  it("keeps the last thousand, oldest first", () => {
    expect(ids(filled(3))).toEqual(["1", "2", "3"]);
    const log = filled(2503);
    expect(log.count).toBe(1000);
    expect(ids(log)).toEqual(Array.from({ length: 1000 }, (_, at) => String(at + 1504)));
  });

  it("begins anew when it was cleared", () => {
    const log = filled(1002);
    log.clear();
    expect(log.count).toBe(0);
    log.add(() => numbered(7));
    expect(ids(log)).toEqual(["7"]);
  });

  it("gives copies, so that a reader changes nothing in it", () => {
    const kept = numbered(1);
    const log = new ExchangeLog();
    log.add(() => kept);
    const [first] = log.list();
    Object.assign(first?.claims ?? {}, { number: "changed" });
    expect(log.list()[0]?.claims).toEqual({ number: 1 });
  });

  it("describes an exchange at once for whoever listens, and for nobody else", () => {
    const log = new ExchangeLog();
    let described = 0;
    const describing = (): Exchange => numbered(++described);
    log.add(describing);
    expect(described).toBe(0);
    const heard: string[] = [];
    const stop = log.subscribe(({ requestId }) => heard.push(requestId));
    log.add(describing);
    stop();
    log.add(describing);
    expect(heard).toEqual(["1"]);
  });

  it("gives each the text that was kept with it, however long, also when it stands where another stood", () => {
    const log = new ExchangeLog();
    const textOf = (number: number): string => String(number).repeat(number % 7 === 0 ? 900 : 1 + (number % 50));
    const describing =
      (number: number) =>
      (text: string): Exchange => ({ ...numbered(number), sessionName: text });
    for (let number = 1; number <= 2503; number++) log.add(describing(number), textOf(number));
    const kept = Array.from({ length: 1000 }, (_, at) => textOf(at + 1504));
    expect(log.list().map(({ sessionName }) => sessionName)).toEqual(kept);
    log.clear();
    log.add(describing(1));
    expect(log.list().map(({ sessionName }) => sessionName)).toEqual([""]);
  });
});
