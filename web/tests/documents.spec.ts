// Documents: from a file that is put in to its sentence in an answer; failures, deletion, many rows.
import { expect, test } from "@playwright/test";
import { Server } from "./server";
import { ask, watch } from "./watch";

let server: Server;
test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(() => server.stop());

const text = (name: string, content: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });

test("an empty page says what to do, and an upload becomes searchable", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/documents`);
  await expect(page.getByText("No documents yet")).toBeVisible();
  await page.getByLabel("Add files").first().setInputFiles([
    text("moon.txt", "The Moon moves away from the Earth by 3.8 centimetres every year."),
    text("tea.txt", "Oolong tea is steeped for three minutes at ninety degrees."),
  ]);
  await expect(page.getByText("2 of 2 files taken in")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator(".doc-row")).toHaveCount(2);
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  await ask(page, "How long is oolong tea steeped?");
  await expect(page.locator(".answer-text")).toContainText("three minutes");
  watched.check();
});

test("a file that cannot be read says why and can be tried again", async ({ page }) => {
  await page.goto(`${server.url}/app/documents`);
  await page.getByLabel("Add files").first().setInputFiles([{ name: "broken.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 nothing") }]);
  const row = page.locator(".upload-failed");
  await expect(row).toContainText("broken.pdf", { timeout: 60_000 });
  await expect(row.locator(".upload-reason")).not.toBeEmpty();
  await row.getByRole("button", { name: "Try again" }).click();
  await expect(row.locator(".upload-reason")).not.toBeEmpty({ timeout: 60_000 });
});

test("a document is read, described, narrowed, deleted with a way back", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/documents`);
  await page.getByRole("searchbox", { name: "Find by content" }).fill("Moon Earth distance");
  await page.getByRole("button", { name: /moon\.txt/ }).first().click();
  await expect(page.locator(".text-pages")).toContainText("3.8 centimetres");
  await page.getByRole("tab", { name: "Details" }).click();
  await page.getByRole("textbox", { name: "Tags" }).fill("space, moon");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Close the document" }).click();
  await page.getByRole("searchbox", { name: "Find by content" }).fill("");
  const row = page.locator(".doc-row", { hasText: "moon.txt" });
  await expect(row).toContainText("space");
  await row.getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row).toHaveCount(1);
  await row.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0, { timeout: 15_000 });
  await expect(row).toHaveCount(0);
  watched.check();
});

test("a hundred thousand documents scroll, and only those in view are drawn", async ({ page }) => {
  const size = 100_000;
  await page.route("**/v1/documents?*", async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const limit = Number(query.get("limit"));
    const after = Number(query.get("after") ?? 0);
    const documents = Array.from({ length: Math.min(limit, size - after) }, (_, at) => ({
      id: String(after + at + 1), name: `document ${after + at + 1}`, title: null, source: "made", collection: "default", version_id: "v", state: "current",
      problem_count: 0, media_type: "text/plain", size_bytes: 1000, pages: null, passages: 1, received_at: "2026-01-01T00:00:00Z",
    }));
    await route.fulfill({ json: { documents, next: after + limit < size ? String(after + limit) : null } });
  });
  await page.goto(`${server.url}/app/documents`);
  const rows = page.locator(".rows");
  await expect(page.locator(".doc-row").first()).toContainText("document 1");
  for (let turn = 0; turn < 12; turn += 1) {
    await rows.evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    await expect(page.getByText(new RegExp(`${((turn + 2) * 200).toLocaleString("en-GB")} documents`))).toBeVisible();
  }
  expect(await page.locator(".doc-row").count()).toBeLessThan(80);
});
