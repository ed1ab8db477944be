// The page that `assay ready check --format html` writes, from a real run, opened as a file: no finding of
// axe, nothing from a network, rows that open, and a print that holds them.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";
import { Server } from "./server";

const BINARY = process.env.ASSAY_BIN ?? "assay";
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WIDTHS = [390, 1280];

let server: Server;
let report: string;
test.beforeAll(async () => {
  server = await Server.start({ ASSAY_SERVER__RATES__CLIENT_PER_MINUTE: "0", ASSAY_SERVER__RATES__TENANT_PER_MINUTE: "0" });
  report = join(server.data, "ready.html");
  const told = ["ready", "check", "--profile", "prod", "--allow", "none", "--data-dir", server.data, "--format", "html", "--out", report];
  // Twice, so that each row has a past. A fresh server is not ready: the command ends with 1.
  for (let run = 0; run < 2; run += 1) {
    try {
      execFileSync(BINARY, told, { cwd: server.data, stdio: "ignore" });
    } catch (error) {
      expect((error as { status: number }).status).toBeLessThanOrEqual(2);
    }
  }
});
test.afterAll(() => server.stop());

interface AxeFinding {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

for (const width of WIDTHS) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`the report at ${width}, ${colorScheme}`, async ({ page }) => {
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => {
        throw error;
      });
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const url = pathToFileURL(report).href;
      await page.goto(url);
      await expect(page.locator("h1")).toHaveText("Not ready");
      await expect(page.locator("details.part").first().locator("h2")).toContainText("Blockers");
      // Every row opened, so that axe sees what is in them.
      await page.evaluate(() => {
        for (const part of document.querySelectorAll("details")) part.open = true;
      });
      await page.addScriptTag({ path: AXE });
      const { violations } = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<{ violations: AxeFinding[] }> } }).axe.run());
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `the report at ${width} is wider than the window`).toBeLessThanOrEqual(0);
      expect(asked.filter((it) => it !== url), "nothing but the file").toEqual([]);
    });
  }
}

test("a row opens what was seen and what came before, and all of it prints", async ({ page }) => {
  await page.goto(pathToFileURL(report).href);
  const row = page.locator("details.check#CFG-02");
  await row.locator("summary").click();
  await expect(row.locator("table").first()).toBeVisible();
  await expect(row.locator("ol.past li").first()).toBeVisible();
  await page.emulateMedia({ media: "print" });
  const paper = join(server.data, "ready.pdf");
  await page.pdf({ path: paper, format: "A4" });
  expect(statSync(paper).size).toBeGreaterThan(50_000);
});
