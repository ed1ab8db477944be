// The System and Admin pages of whoever runs the server: dead letters, tasks with their steps,
// schedules, promises, settings with their source, what the guard did.
import { expect, test } from "@playwright/test";
import { Server } from "./server";
import { ask, watch } from "./watch";

/** What must never be shown. */
const SECRET = "hunter2-is-no-secret";
const TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

let server: Server;
test.beforeAll(async () => {
  server = await Server.start({
    ASSAY_ANSWER__TOTAL_MS: "20000",
    ASSAY_WEB__GITHUB__TOKEN: SECRET,
    ASSAY_TELEMETRY__INTERVAL_SECONDS: "1",
    ASSAY_SOURCES__ALLOW_PRIVATE_HOSTS: '["127.0.0.1"]',
    ASSAY_GUARD__PLACES__QUESTION__ACTIONS: '{ secret = "block" }',
  });
  await server.ingest("bees.md", "# Bees\n\nA queen bee lives for up to five years.");
});
test.afterAll(() => server.stop());

test("dead letters say why, and begin anew", async ({ page }) => {
  const watched = watch(page, server.url);
  await server.ingest("broken.pdf", "%PDF-1.4 nothing").catch(() => undefined);
  await page.goto(`${server.url}/app/system/tasks`);
  const letter = page.locator(".letter");
  await expect(letter).toContainText("Take a file in");
  await expect(letter).toContainText("broken.pdf");
  const reason = (await letter.locator("p").last().textContent()) ?? "";
  expect(reason.length).toBeGreaterThan(10);
  await letter.getByRole("button", { name: "Begin anew" }).click();
  await expect(page.getByText("1 task begins anew.")).toBeVisible();
  // It fails again, and is there again.
  await expect(letter).toContainText("broken.pdf");
  watched.check();
});

test("a task shows its steps, and a failed one what went wrong", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/system/tasks`);
  await page.getByRole("row", { name: /bees\.md/ }).getByRole("link", { name: "Take a file in" }).click();
  await expect(page.locator(".steps li").first()).toContainText("read");
  await expect(page.locator(".steps")).toContainText("published");
  await page.getByLabel("State").selectOption("given up");
  await expect(page.getByRole("row", { name: /bees\.md/ })).toHaveCount(0);
  await page.getByRole("row", { name: /broken\.pdf/ }).getByRole("link", { name: "Take a file in" }).click();
  await expect(page.locator(".steps-bad li").first()).toContainText("Run 1");
  watched.check();
});

test("a schedule is made, paused and deleted", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/system/schedules`);
  await expect(page.getByText("No schedules")).toBeVisible();
  await page.getByLabel("Name of a schedule").fill("nightly");
  await page.getByRole("combobox", { name: "Work" }).selectOption("Tidy up");
  await page.getByRole("button", { name: "Make schedule" }).click();
  const row = page.getByRole("row", { name: /nightly/ });
  await expect(row).toContainText("30 2 * * *");
  await expect(row).toContainText("Europe/Berlin");
  await row.getByRole("button", { name: "Pause" }).click();
  await expect(row).toContainText("paused");
  await row.getByRole("button", { name: "Go on" }).click();
  await expect(row).not.toContainText("paused");
  await row.getByRole("button", { name: "Delete nightly" }).click();
  await expect(row).toHaveCount(0);
  watched.check();
});

test("a schedule looks at a source, in a zone of one's own, and one that cannot be is said", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/system/schedules`);
  await page.getByRole("combobox", { name: "Work" }).selectOption("Look at a source");
  await expect(page.getByRole("combobox", { name: "Source" })).toContainText("assay sources add");
  const settings = { kind: "web", urls: ["http://127.0.0.1:1/"] };
  await server.call("POST", "/v1/sources", { name: "handbook", settings });
  await page.reload();
  await page.getByLabel("Name of a schedule").fill("each morning");
  await page.getByRole("combobox", { name: "Work" }).selectOption("Look at a source");
  await page.getByRole("combobox", { name: "Source" }).selectOption("handbook");
  await page.getByRole("textbox", { name: "When" }).fill("0 7 * * mon-fri");
  await page.getByLabel("Time zone").fill("Asia/Tokyo");
  await page.getByRole("combobox", { name: /^Times that passed/ }).selectOption("left out");
  await page.getByRole("button", { name: "Make schedule" }).click();
  const row = page.getByRole("row", { name: /each morning/ });
  await expect(row).toContainText("handbook");
  await expect(row).toContainText("Asia/Tokyo · left out");
  const { schedules } = await server.call<{ schedules: { kind: string; missed: string }[] }>("GET", "/v1/schedules");
  expect(schedules.map(({ kind, missed }) => [kind, missed])).toEqual([["sync", "none"]]);
  await page.getByLabel("Name of a schedule").fill("never");
  await page.getByRole("textbox", { name: "When" }).fill("0 0 31 2 *");
  await page.getByRole("button", { name: "Make schedule" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await row.getByRole("button", { name: "Delete each morning" }).click();
  await expect(row).toHaveCount(0);
  watched.check(/status of 400/);
});

test("promises, windows and plots show what was measured", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await ask(page, "How long does a queen bee live?");
  await page.goto(`${server.url}/app/system/alerts`);
  await expect(page.locator(".objective").first()).toContainText("Promised:");
  const answers = page.getByRole("row", { name: /^Answers/ });
  await expect(answers).toContainText("minute");
  await page.getByRole("link", { name: "Health" }).click();
  await expect(page.getByRole("img", { name: /Time to answer a request/ })).toBeVisible();
  // Two looks, a second apart, make the first points.
  await expect(page.getByRole("img", { name: /Memory\. Memory: \d/ })).not.toHaveAttribute("aria-label", /Memory: 0/);
  watched.check();
});

test("settings say where they come from, and secrets are not shown", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/admin/settings`);
  const row = (key: string) => page.getByRole("row").filter({ has: page.getByText(key, { exact: true }) });
  await expect(row("answer.total_ms")).toContainText("variable ASSAY_ANSWER__TOTAL_MS");
  await expect(row("answer.total_ms")).toContainText("20000");
  await expect(row("server.port")).toContainText("flag --port");
  await expect(row("log.filter")).toContainText("default");
  await expect(row("web.github.token")).toContainText("set");
  expect(await page.content()).not.toContain(SECRET);
  await page.getByLabel("Only what differs from the default").check();
  await expect(row("log.filter")).toHaveCount(0);
  await expect(row("server.port")).toHaveCount(1);
  watched.check();
});

test("what the guard did is listed without the text", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await ask(page, `Who owns ${TOKEN}?`);
  await expect(page.getByRole("alert")).toBeVisible();
  await page.goto(`${server.url}/app/admin/guard`);
  const row = page.getByRole("region", { name: "What the guard did" }).getByRole("row").nth(1);
  await expect(row).toContainText("question");
  await expect(row).toContainText("blocked");
  await expect(row).toContainText("access token");
  expect(await page.content()).not.toContain(TOKEN);
  watched.check(/status of 400/);
});
