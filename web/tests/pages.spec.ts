// Every page at three widths: no error, nothing from elsewhere, the strict policy, no serious finding
// of axe; how much a first visit loads and how soon it can be used. Pictures of them go to the docs
// when SCREENSHOTS names a folder.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Server, pdf } from "./server";
import { ask, watch } from "./watch";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = [
  "ask", "history", "documents", "gateway/providers", "gateway/cost", "gateway/budgets", "gateway/playground",
  "admin/tenant", "admin/members", "admin/keys", "admin/audit", "admin/guard", "admin/opinions", "admin/settings", "admin/tenants",
  "system/health", "system/alerts", "system/readiness", "system/tasks", "system/schedules",
];
const WIDTHS = [390, 900, 1280];
const PICTURES = process.env.SCREENSHOTS;
const FIRST_LOAD_MAX = 350_000;

let server: Server;
test.beforeAll(async () => {
  server = await Server.start();
  await server.ingest("harbour.pdf", pdf([["The harbour of Port Lorne was founded in 1883.", "The ferry to Gull Island leaves at half past seven every morning.", "Tickets cost nine crowns, and children travel free of charge."]]));
  await server.ingest("bees.md", "# Bees\n\nA queen bee lives for up to five years. Worker bees live for about six weeks in summer.\n\nHoney is made from nectar.");
  await server.ingest("fares.csv", "route,price\nGull Island,9\nNorth Cape,14\n");
  await server.call("POST", "/v1/schedules", { name: "nightly", cron: "30 2 * * *", kind: "tidy", zone: "Europe/Berlin" });
  const session = await server.call<{ id: string }>("POST", "/v1/sessions", { title: "How long does a queen bee live?" });
  await server.call("POST", "/query", { query: "How long does a queen bee live?", session_id: session.id });
  // The pictures show what a whole checklist looks like.
  server.command("ready", "check", "--profile", PICTURES ? "prod" : "dev", "--allow", "none");
});
test.afterAll(() => server.stop());

interface AxeFinding {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

async function serious(page: import("@playwright/test").Page): Promise<string[]> {
  // Run by the debugger, which the policy of the page does not bind.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<{ violations: AxeFinding[] }> } }).axe.run());
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
}

for (const path of PAGES) {
  test(`the page ${path}`, async ({ page }) => {
    const watched = watch(page, server.url);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const response = await page.goto(`${server.url}/app/${path}`);
      const policy = (await response?.allHeaders())?.["content-security-policy"] ?? "";
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain("unsafe");
      await expect(page.locator("h1").first()).toBeVisible();
      await page.waitForLoadState("networkidle");
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${path} at ${width} is wider than the window`).toBeLessThanOrEqual(0);
      if (width !== 900) expect(await serious(page)).toEqual([]);
      if (PICTURES && width !== 900) await page.screenshot({ path: join(PICTURES, `${path.replace("/", "-")}-${width}.png`) });
    }
    watched.check();
  });
}

test("German words fit on every page, on a phone too", async ({ browser }) => {
  const page = await browser.newPage({ locale: "de-DE" });
  const watched = watch(page, server.url);
  for (const path of PAGES) {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${server.url}/app/${path}`);
      await expect(page.locator("h1").first()).toBeVisible();
      await page.waitForLoadState("networkidle");
      const cut = await page.evaluate(() => {
        const words = [...document.querySelectorAll<HTMLElement>("h1, h2, button:not(:has(.tip)), label, th, .nav-link, .subnav a, .state, .figure dt")];
        const cut = words.filter((part) => part.checkVisibility() && !part.closest(".hidden, .history") && part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== "inline");
        return [document.documentElement.scrollWidth - innerWidth, ...cut.map((part) => part.textContent)];
      });
      expect(cut, `${path} at ${width}`).toEqual([0]);
    }
  }
  watched.check();
  await page.close();
});

test("an answer with its document, light and dark", async ({ page }) => {
  const watched = watch(page, server.url);
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(server.url);
    await ask(page, "When does the ferry to Gull Island leave?");
    expect(await serious(page)).toEqual([]);
    await page.locator(".chip").first().click();
    await expect(page.locator(".pdf-mark").first()).toBeVisible();
    expect(await serious(page)).toEqual([]);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `answer-${width}.png`) });
  }
  await page.getByRole("button", { name: "Close the document" }).click();
  await ask(page, "Who won the world cup in 1998?");
  expect(await serious(page)).toEqual([]);
  if (PICTURES) await page.screenshot({ path: join(PICTURES, "without-1280.png") });
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await serious(page)).toEqual([]);
  if (PICTURES) await page.screenshot({ path: join(PICTURES, "answer-dark-1280.png") });
  watched.check();
});

test("a first visit loads little and can be used within a second", async ({ page }) => {
  // What is cold in the server is not the page's.
  await page.goto(server.url);
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  client.on("Network.loadingFinished", (event) => {
    bytes += event.encodedDataLength;
  });
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    bytes = 0;
    await page.goto(server.url);
    await page.getByRole("textbox", { name: "Question" }).waitFor();
    times.push(await page.evaluate(() => performance.now()));
    await page.waitForLoadState("networkidle");
  }
  console.log(`first load ${Math.round(bytes / 1000)} KB, interactive after ${times.map(Math.round).join(", ")} ms`);
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_MAX);
  expect(Math.min(...times)).toBeLessThanOrEqual(1000);
});

test("the page can be used by keyboard alone", async ({ page }) => {
  await page.goto(server.url);
  await ask(page, "How long does a queen bee live?");
  await page.locator(".chip").first().focus();
  await expect(page.locator(".quote-card")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.locator(".text-pages mark")).toBeVisible();
  await page.getByRole("button", { name: "Close the document" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".viewer")).toHaveCount(0);
});
