import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import type { WeatherChange } from "../../../src/local/weather-settings.ts";
import { startJobCloud } from "./cloud.ts";
import { type FakeIo, fakeIo } from "./fake-io.ts";

async function exchange(weather: WeatherChange, args: readonly string[] = []): Promise<{ status: number; io: FakeIo }> {
  const { cloud, mintingJob } = await startJobCloud();
  cloud.setWeather(weather);
  const io = fakeIo(mintingJob, { now: Date.now });
  return { status: await main(["creds", ...args], io), io };
}

// `2` is every second call: the first or the second is hit, and the next one is not.
describe("an exchange in bad weather", () => {
  it.each<readonly [string, WeatherChange]>([
    ["throttling", { throttle: 2 }],
    ["faults of STS", { error: 2 }],
    ["keys that AWS cannot fetch", { "key-unreachable": 2 }],
    ["a slow STS", { slow: "800ms" }],
  ])("with %s succeeds within the budget", async (_, weather) => {
    const { cloud, mintingJob } = await startJobCloud();
    cloud.setWeather(weather);
    // Twice, so that one of them is hit for certain.
    for (let time = 0; time < 2; time++) {
      const io = fakeIo(mintingJob, { now: Date.now });
      expect(await main(["creds"], io), io.stderr).toBe(0);
      for (const line of io.stderr.split("\n").filter(Boolean)) expect(line).toMatch(/; trying again in \d\.\d s$/);
    }
  });

  it.each<readonly [string, WeatherChange]>([
    ["throttling", { throttle: 1 }],
    ["faults of STS", { error: 1 }],
  ])("with %s for ever ends at the limit", async (_, weather) => {
    const { status, io } = await exchange(weather, ["--timeout", "3s"]);
    // 5 and not 3: nobody was refused.
    expect([status, io.stdout]).toEqual([5, ""]);
    expect(io.stderr).toMatch(
      /error: STS gave no session of \S+, also after retries: (Throttling|InternalFailure|ServiceUnavailable|InternalError)/,
    );
    const waits = [...io.stderr.matchAll(/trying again in (\d\.\d) s/g)].map(([, seconds]) => Number(seconds));
    expect(waits.length).toBeGreaterThan(0);
    // A wait that would leave less than a second for the try behind it is not begun.
    expect(waits.reduce((sum, one) => sum + one, 0)).toBeLessThan(2.2);
  });

  it("is refused at once, and never again, where the trust policy denies it", async () => {
    const { cloud, mintingJob, role } = await startJobCloud();
    const io = fakeIo({ ...mintingJob, AWS_ROLE_ARN: role("shop") }, { now: Date.now });
    expect(await main(["creds"], io)).toBe(3);
    expect(cloud.exchanges()).toHaveLength(1);
    expect(io.stderr).not.toContain("trying again");
  });

  it("with a clock of AWS that is off is told so", async () => {
    const { status, io } = await exchange({ skew: "200s" });
    expect(status).toBe(0);
    expect(io.stderr).toMatch(/this machine's clock is (199|200|201) s behind AWS's/);
  });
});
