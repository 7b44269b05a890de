import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import type { WeatherChange } from "../../../src/local/weather-settings.ts";
import { startJobCloud } from "./cloud.ts";
import { type FakeIo, fakeIo } from "./fake-io.ts";

async function exchange(
  weather: WeatherChange,
  args: readonly string[] = [],
): Promise<{ status: number; io: FakeIo; took: number }> {
  const { cloud, mintingJob } = await startJobCloud();
  cloud.setWeather(weather);
  const io = fakeIo(mintingJob, { now: Date.now });
  const began = performance.now();
  const status = await main(["creds", ...args], io);
  return { status, io, took: performance.now() - began };
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
  ])("with %s for ever ends at the limit, without a wait behind the last try", async (_, weather) => {
    const { status, io, took } = await exchange(weather, ["--timeout", "3s"]);
    expect(status).toBeGreaterThanOrEqual(3);
    expect(took).toBeLessThan(3500);
    const waits = [...io.stderr.matchAll(/trying again in (\d\.\d) s/g)].map(([, seconds]) => Number(seconds) * 1000);
    // All that it waited was for a try that came: the time is that of the waits, and of the tries beside.
    expect(took - waits.reduce((sum, one) => sum + one, 0)).toBeLessThan(1200);
  });

  it("is refused at once, and never again, where the trust policy denies it", async () => {
    const { cloud, mintingJob, role } = await startJobCloud();
    const io = fakeIo({ ...mintingJob, AWS_ROLE_ARN: role("shop") }, { now: Date.now });
    const began = performance.now();
    expect(await main(["creds"], io)).toBe(3);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(cloud.exchanges()).toHaveLength(1);
    expect(io.stderr).not.toContain("trying again");
  });

  it("with a clock of AWS that is off is told so", async () => {
    const { status, io } = await exchange({ skew: "200s" });
    expect(status).toBe(0);
    expect(io.stderr).toMatch(/this machine's clock is (199|200|201) s behind AWS's/);
  });
});
