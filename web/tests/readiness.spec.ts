// The page about readiness: no run yet, a run with its blockers, checks that open, what people have to
// bring, two runs compared, a run that was changed, and who may see it.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Server, bootstrap } from "./server";
import { watch } from "./watch";

/** What a fresh server passes, fails and cannot say, and what a person has to. */
const PROFILE = `about = "for a test"
checks = ["CFG-01", "HLT-02", "MET-01", "CFG-08", "BCK-05", "LEG-06"]
`;

function prepare(data: string): void {
  mkdirSync(join(data, "ready/profiles"), { recursive: true });
  writeFileSync(join(data, "ready/profiles/own.toml"), PROFILE);
}

let server: Server;
test.beforeAll(async () => {
  server = await Server.start({}, prepare);
});
test.afterAll(() => server.stop());

const check = () => server.command("ready", "check", "--profile", "own", "--json");

test("without a run the page says how to make one", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/system/readiness`);
  await expect(page.getByText("No run is kept here")).toBeVisible();
  await expect(page.getByText("assay ready check --profile prod")).toBeVisible();
  watched.check();
});

test("a run shows its blockers, what was seen and wanted, and what a person has to bring", async ({ page }) => {
  const watched = watch(page, server.url);
  const run = JSON.parse(check()) as { id: string; blockers: string[]; ready: boolean };
  expect(run.ready).toBe(false);
  await page.goto(`${server.url}/app/system/readiness`);
  const head = page.getByRole("region", { name: "Is it ready?" }).first();
  await expect(head).toContainText("Not ready");
  await expect(head).toContainText(new RegExp(`${run.blockers.length} blockers?`));
  const blockers = page.locator(".ready-part").first();
  await expect(blockers).toContainText("Blockers");
  await expect(blockers.locator(".ready-check")).toHaveCount(run.blockers.length);
  for (const id of run.blockers) await expect(blockers.locator(".ready-check", { hasText: id })).toBeVisible();

  const limits = blockers.locator(".ready-check", { hasText: "CFG-08" });
  await expect(limits.locator("table")).toHaveCount(0);
  await limits.locator("summary").click();
  await expect(limits).toContainText("What to do");
  const seen = limits.getByRole("row", { name: /^budgets/ });
  await expect(seen).toContainText("fail");
  await expect(seen).toContainText(/ev\/[0-9a-f]{8}…/);

  await expect(page.getByText("Security", { exact: true })).toBeVisible();
  await expect(page.getByText("assay ready ask --role security")).toBeVisible();
  await expect(page.getByText("assay drill restore")).toBeVisible();
  await expect(page.getByText(`assay ready sign ${run.id}`, { exact: false })).toBeVisible();

  await page.getByRole("searchbox", { name: "Find a check" }).fill("MET-01");
  await expect(page.locator(".ready-check")).toHaveCount(1);
  await expect(page.locator(".ready-check")).toContainText("pass");
  watched.check();
});

test("two runs are compared, and a check shows how it was", async ({ page }) => {
  const watched = watch(page, server.url);
  const said = server.command(
    ...["ready", "attest", "LEG-06", "--role", "security", "--by", "ada", "--second", "eve", "--until", new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10)],
    ...["--text", "Audit by Example Ltd, no open finding"],
  );
  expect(said).toContain("LEG-06");
  check();
  await page.goto(`${server.url}/app/system/readiness`);
  await page.getByLabel("Compare with").selectOption({ index: 1 });
  const change = page.getByRole("row", { name: /LEG-06/ });
  await expect(change).toContainText("better");
  await expect(change).toContainText("not decided");
  await expect(change).toContainText("attested");
  await page.getByText("Waived and attested").click();
  const attested = page.locator(".ready-check", { hasText: "LEG-06" });
  await expect(attested).toContainText("ada and eve");
  await attested.locator("summary").click();
  await expect(attested.locator(".past")).toContainText("not decided");
  await attested.locator(".past a").click();
  await expect(page).toHaveURL(/readiness\/\d{8}T\d+Z$/);
  await expect(page.locator(".ready-part").first()).toContainText("Blockers");
  watched.check();
});

test("a run that was changed afterwards is shown as such", async ({ page }) => {
  const runs = join(server.data, "ready/runs");
  const newest = readdirSync(runs).sort().at(-1) ?? "";
  const file = join(runs, newest, "run.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"verdict": "fail"', '"verdict": "pass"'));
  await page.goto(`${server.url}/app/system/readiness`);
  await expect(page.getByRole("alert")).toContainText("This run is not as it was written");
});

test("whoever does not run the deployment sees nothing of it", async ({ page }) => {
  let key = "";
  const other = await Server.start({ ASSAY_AUTH__MODE: "required" }, (data) => {
    prepare(data);
    key = bootstrap(data, "root@example.org");
  });
  try {
    const password = "correct horse battery";
    await other.call("POST", "/v1/users", { name: "bob@example.org" }, key);
    await other.call("PUT", "/v1/users/bob%40example.org/password", { password }, key);
    await other.call("POST", "/v1/tenants", { name: "acme", owner: "bob@example.org" }, key);
    await page.goto(other.url);
    await page.getByLabel("Name").fill("bob@example.org");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("link", { name: "System" }).click();
    await expect(page.getByRole("link", { name: "Tasks" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Readiness" })).toHaveCount(0);
    const answer = await page.request.get(`${other.url}/v1/readiness/runs`);
    expect(answer.status()).toBe(403);
  } finally {
    other.stop();
  }
});
