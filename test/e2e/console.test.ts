import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { LocalCloud } from "../../src/local/index.ts";
import { run } from "../support/run.ts";
import { CLI, cleanEnv, startCloud } from "./support.ts";
import { tempDir } from "../support/temp-dir.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const there = existsSync(CHROMIUM);
if (!there) console.warn(`skipped: there is no ${CHROMIUM} to open the console in (CHROMIUM names another)`);

const REBOUND = "rebound.test";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A name of somebody else's that leads to this machine.
  `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`,
];

// A browser takes its time on a small machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let browser: Browser;
beforeAll(async () => {
  if (there) browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
afterAll(async () => {
  if (there) await browser.close();
});

interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained of, policy violations among it. */
  readonly complaints: string[];
  /** Hosts that were asked for something. */
  readonly hosts: Set<string>;
}

async function open(url: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Opened> {
  const context = await browser.newContext({ locale: "en-US", reducedMotion: "reduce", ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return { page, context, complaints, hosts };
}

async function withExample(cloud: LocalCloud, options: Parameters<typeof open>[1] = {}): Promise<Opened> {
  const opened = await open(cloud.console, options);
  await opened.page.getByRole("button", { name: /GitLab ?(to|에서) S3/ }).click();
  await opened.page.locator(".counts").waitFor();
  return opened;
}

/** `expect.poll` asks for a second; a busy browser answers later. */
const poll = <Value>(read: () => Promise<Value> | Value) => expect.poll(read, { timeout: 20_000 });

const verdict = (page: Page) => page.locator(".screen > .decision");

describe.skipIf(!there)("the console in a browser", () => {
  test("goes from an empty account to a refusal, and by its fix to credentials", async () => {
    const cloud = await startCloud();
    const { page, complaints, hosts } = await withExample(cloud);
    expect(await page.locator(".map").innerText()).toContain("shop-deploy");

    await page.getByRole("link", { name: "Playground" }).click();
    await poll(() => verdict(page).innerText()).toContain("Allowed");
    await page.getByRole("textbox", { name: "Branch" }).fill("dev");
    await poll(() => verdict(page).innerText()).toContain("AccessDenied · 403");
    expect(await page.locator(".line-fail mark").allInnerTexts()).toEqual(["main", "dev"]);
    expect(await page.locator(".claim-changed").first().innerText()).toContain("ref_type:branch:ref:main");
    await page
      .locator(".answer")
      .getByText("Not authorized to perform sts:AssumeRoleWithWebIdentity")
      .first()
      .waitFor();

    await page.getByRole("button", { name: "Exchange it for real" }).click();
    await page.getByRole("link", { name: "Show the exchange" }).waitFor();
    expect(cloud.exchanges().at(-1)).toMatchObject({ answer: { status: 403, code: "AccessDenied" } });

    await page.getByRole("button", { name: "Change it here" }).first().click();
    await poll(() => verdict(page).innerText()).toContain("Allowed");
    await page.getByRole("button", { name: "Exchange it for real" }).click();
    await poll(() => cloud.exchanges().at(-1)?.answer.status).toBe(200);

    expect([...hosts]).toEqual([new URL(cloud.endpoint).host]);
    expect(complaints).toEqual([]);
  });

  test("shows the exchanges of jobs as they come, with ladder and CloudTrail record", async () => {
    const cloud = await startCloud();
    const { page } = await withExample(cloud);
    await page.getByRole("link", { name: "Exchanges" }).click();
    await page.getByText("No exchange yet").waitFor();
    const role = "arn:aws:iam::123456789012:role/shop-deploy";
    const job = ["job", "gitlab", "--endpoint-url", cloud.endpoint, "--project", "acme/shop", "--branch", "dev"];
    const rest = ["--audience", "https://shop-deploy.test", "--role", role, "--"];
    const exec = [process.execPath, CLI, "exec", "--", "true"];
    const { status } = await run(process.execPath, [CLI, ...job, ...rest, ...exec], { env: cleanEnv(tempDir()) });
    expect(status).toBe(3);
    const row = page.getByRole("row", { name: /acme\/shop@dev/ });
    await row.waitFor();
    expect(await page.locator("[aria-live=polite].unseen").innerText()).toContain("acme/shop@dev, Refused");
    await row.getByRole("button").click();
    const detail = page.locator(".detail");
    expect(await detail.getByRole("group", { name: "CloudTrail record" }).innerText()).toContain(
      '"errorMessage": "An unknown error occurred"',
    );
    expect(await detail.locator(".rung-fail").innerText()).toContain("The trust policy");
    await detail.getByRole("link", { name: "Replay in the playground" }).click();
    expect(await page.getByRole("textbox", { name: "Branch" }).inputValue()).toBe("dev");
    await page.goBack();
    await page.getByRole("button", { name: "Allowed" }).click();
    await page.getByText("None fits the filter").waitFor();
  });

  test("is announced by up, and says when that was stopped", async () => {
    const child = spawn(process.execPath, [CLI, "up", "--port", "0"], { env: cleanEnv(tempDir()) });
    onTestFinished(() => void child.kill("SIGKILL"));
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    await poll(() => text).toMatch(/^console {2}http:\/\/127\.0\.0\.1:\d+\/_rolecall\/console#key=[\w-]{32}\n/m);
    const { page } = await open(/^console {2}(\S+)$/m.exec(text)?.[1] ?? "");
    await page.getByText("live", { exact: true }).waitFor();
    child.kill("SIGTERM");
    await page.getByText("connection lost").waitFor();
  });

  test("holds all of a choice in its address, and never the key", async () => {
    const cloud = await startCloud();
    const { page, context } = await withExample(cloud);
    await page.getByRole("link", { name: "Playground" }).click();
    await page.getByLabel("CI", { exact: true }).selectOption("github");
    await page.getByRole("textbox", { name: "Environment" }).fill("production");
    const address = page.url();
    expect(address).not.toContain(new URL(cloud.console).hash.slice(5));
    // Another tab has no key of its own, and asks the one that has.
    const other = await context.newPage();
    await other.goto(address);
    expect(await other.getByRole("textbox", { name: "Environment" }).inputValue()).toBe("production");
    const stranger = await open(address);
    await stranger.page.getByText("opened without its key").waitFor();
  });

  test("shows a raw token when it is asked for, and not before", async () => {
    const cloud = await startCloud();
    const { page } = await withExample(cloud);
    await page.getByRole("link", { name: "Playground" }).click();
    await verdict(page).waitFor();
    const jwt = /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/;
    expect(await page.content()).not.toMatch(jwt);
    await page.getByRole("button", { name: "Sign it and show the raw token" }).click();
    await page.getByRole("button", { name: "Hide the raw token" }).waitFor();
    expect(await page.locator(".raw pre").innerText()).toMatch(jwt);
    await page.getByRole("textbox", { name: "Branch" }).fill("dev");
    await poll(() => page.locator(".raw").count()).toBe(0);
    expect(page.url()).not.toMatch(jwt);
  });

  test("speaks Korean to whoever reads it, and changes when told", async () => {
    const cloud = await startCloud();
    const { page } = await withExample(cloud, { locale: "ko-KR" });
    expect(await page.locator("html").getAttribute("lang")).toBe("ko");
    await page.getByRole("link", { name: "ID 제공업체" }).click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("ID 제공업체");
    await page.getByRole("button", { name: "English" }).click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Providers");
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });

  test("is used by the keyboard alone, and fits a narrow screen", async () => {
    const cloud = await startCloud();
    const { page } = await open(cloud.console, { viewport: { width: 400, height: 800 } });
    const button = page.getByRole("button", { name: "Load the example" });
    await button.waitFor();
    const focused = (): Promise<string> => page.evaluate("document.activeElement.textContent");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to content");
    for (let at = 0; at < 20 && !(await focused()).startsWith("Load"); at++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator(".counts").waitFor();
    for (const screen of ["map", "playground?name=dev", "exchanges", "roles", "providers"]) {
      await page.evaluate(`location.hash = "#/${screen}"`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), screen).toBeLessThanOrEqual(0);
    }
    await page.evaluate('location.hash = "#/playground?name=dev"');
    const tab = page.getByRole("tab").first();
    await tab.focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { selected: true }).first().innerText()).toBe("Trust policy");
  });
});

/** What runs in a page of somebody else's. */
const ATTACKS = readFileSync(new URL("console-attacks.js", import.meta.url), "utf8");

const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

describe.skipIf(!there)("the console under attack", () => {
  test("takes nothing that it is told for markup", async () => {
    const cloud = await startCloud();
    const { page, complaints } = await withExample(cloud);
    await cloud.mint({ ci: "custom", project: HOSTILE, audience: HOSTILE, issuer: "https://evil.test/<b>" });
    const query = new URLSearchParams({ ci: "custom", project: HOSTILE, audience: HOSTILE, role: HOSTILE });
    for (const screen of [
      `playground?${query.toString()}`,
      `exchanges?q=${encodeURIComponent(HOSTILE)}`,
      "map",
      "roles",
    ]) {
      await page.evaluate(`location.hash = ${JSON.stringify(`#/${screen}`)}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (screen.startsWith("playground")) await page.locator(".claims").getByText(HOSTILE).first().waitFor();
      expect(await page.locator("img, main script").count()).toBe(0);
    }
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  test("runs no script but its own", async () => {
    const cloud = await startCloud();
    const { page, complaints } = await withExample(cloud);
    const attempts = {
      "markup from text": 'document.body.insertAdjacentHTML("beforeend", "<p id=planted></p>")',
      "code from text": 'setTimeout("window.hacked = 1")',
      "a script in the page":
        'document.body.append(Object.assign(document.createElement("script"), { text: "hacked=1" }))',
      "a script of another host": `document.body.append(Object.assign(document.createElement("script"), { src: "${await foreignSite()}" }))`,
    };
    for (const [name, code] of Object.entries(attempts)) {
      const before = complaints.length;
      await page.evaluate(code).catch(() => undefined);
      await expect.poll(() => complaints.length, { message: name, timeout: 20_000 }).toBeGreaterThan(before);
    }
    expect(await page.evaluate('[window.hacked === undefined, document.querySelector("#planted")]')).toEqual([
      true,
      null,
    ]);
  });

  test("is out of reach of a page of another site, whatever that knows", async () => {
    const cloud = await startCloud();
    await withExample(cloud);
    const key = new URL(cloud.console).hash.slice(5);
    const { page } = await open(await foreignSite());
    const given = JSON.stringify({ target: cloud.endpoint, key });
    const outcomes = await page.evaluate(`${ATTACKS}; attackFrom(${given})`);
    expect(outcomes).toEqual({
      "fetch with the key": "refused",
      "fetch without asking first": "opaque",
      "read the account": "refused",
      "follow the exchanges": "refused",
      "read the page": "refused",
      frame: "empty",
    });
    await sendForm(page, `${cloud.endpoint}/_rolecall/console/iam`);
    const account = await accountOf(cloud, key);
    expect(account.providers.map(({ url }) => url)).toEqual(["gitlab.com"]);
    expect(cloud.exchanges()).toEqual([]);
  });

  test("is out of reach of a name that was bound anew to this machine", async () => {
    const cloud = await startCloud();
    const { port } = new URL(cloud.endpoint);
    const key = new URL(cloud.console).hash.slice(5);
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    for (const path of ["console", "health", "exchanges", "console/account"]) {
      const response = await page.goto(`http://${REBOUND}:${port}/_rolecall/${path}`);
      expect(response?.status(), path).toBe(403);
    }
    const headers = JSON.stringify({ "x-rolecall-key": key, "content-type": "application/json" });
    const body = JSON.stringify({ ci: "gitlab", project: "acme/shop", audience: "aws" });
    const minted = `fetch("/_rolecall/mint", { method: "POST", headers: ${headers}, body: ${JSON.stringify(body)} })`;
    expect(await page.evaluate(`${minted}.then(({ status }) => status)`)).toBe(403);
  });
});

/** A page of another origin of this machine, which may do what it likes. */
async function foreignSite(): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>elsewhere</title>");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A form needs no script's leave to be sent anywhere. */
async function sendForm(page: Page, action: string): Promise<void> {
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${action}"><input name='{"action":"CreateOpenIDConnectProvider","parameters":{"Url":"https://evil.example","ClientIDList":["planted"]},"x":"' value='"}'></form>`,
  );
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.url() === action),
    page.evaluate("document.forms[0].submit()"),
  ]);
  expect(response.status()).toBe(403);
}

async function accountOf(cloud: LocalCloud, key: string) {
  const response = await fetch(`${cloud.endpoint}/_rolecall/console/account`, { headers: { "x-rolecall-key": key } });
  return (await response.json()) as { readonly providers: readonly { readonly url: string }[] };
}
