// Documents: from a file that is put in to its sentence in an answer; failures, deletion, many rows.
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Server, pdf } from "./server";
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
  test.setTimeout(300_000);
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
  // To the end, page by page as a reader would come there.
  await rows.evaluate(async (frame, height) => {
    while (frame.scrollHeight < height) {
      frame.scrollTo(0, frame.scrollHeight);
      await new Promise(requestAnimationFrame);
    }
    frame.scrollTo(0, frame.scrollHeight);
  }, size * 56);
  await expect(page.getByText("100,000 documents", { exact: true })).toBeVisible();
  await expect(page.locator(".doc-row").last()).toContainText("document 100000");
  expect(await page.locator(".doc-row").count()).toBeLessThan(80);
  // Back in leaps of three hundred rows, a picture each.
  const frames = await rows.evaluate(async (frame) => {
    const times: number[] = [];
    let last = await new Promise(requestAnimationFrame);
    while (frame.scrollTop > 0) {
      frame.scrollBy(0, -300 * 56);
      const now = await new Promise(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b);
  });
  const at = (share: number) => Math.round(frames[Math.floor(share * (frames.length - 1))] ?? 0);
  console.log(`100,000 documents: ${frames.length} leaps, a picture after ${at(0.5)} ms (median), ${at(0.95)} ms (95 %), ${at(1)} ms (slowest)`);
  await expect(page.locator(".doc-row").first()).toContainText("document 1");
  expect(at(0.5)).toBeLessThan(250);
});

test("a collection is made, renamed and deleted with its documents", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(`${server.url}/app/documents`);
  await page.getByRole("button", { name: "Collections" }).click();
  await page.getByLabel("New collection").fill("contracts");
  await page.getByRole("button", { name: "Make" }).click();
  await expect(page.getByLabel("Collection", { exact: true })).toHaveValue("contracts");
  await page.getByLabel("Add files").first().setInputFiles([text("rent.txt", "The rent is due on the third of each month.")]);
  await expect(page.getByText("1 of 1 files taken in")).toBeVisible({ timeout: 60_000 });
  await page.getByLabel("Name of the collection").fill("agreements");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByLabel("Collection", { exact: true })).toHaveValue("agreements");
  await expect(page.locator(".doc-row")).toHaveCount(1);
  await page.locator(".manage").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("alert")).toContainText("“agreements” and its 1 document ");
  await page.getByRole("button", { name: "Delete the collection and its documents" }).click();
  await expect(page.getByLabel("Collection", { exact: true })).toHaveValue("");
  await expect(page.locator(".doc-row", { hasText: "rent.txt" })).toHaveCount(0);
  watched.check();
});

test("a document that failed says why where it stands, and is tried again", async ({ page }) => {
  await page.goto(`${server.url}/app/documents`);
  await page.locator(".doc-row", { hasText: "broken.pdf" }).getByRole("link").click();
  await page.getByRole("tab", { name: "Details" }).click();
  const failed = page.locator(".details .problem").first();
  await expect(failed).not.toBeEmpty();
  const again = page.waitForResponse((answer) => /\/v1\/jobs\/[^/]+\/retry$/.test(answer.url()));
  await failed.getByRole("button", { name: "Try again" }).click();
  expect((await again).status()).toBe(200);
  await expect(failed.getByRole("button", { name: "Try again" })).toBeEnabled();
});

test("a file with a name of four thousand characters in three scripts goes in, is listed, opened and deleted", async ({ page }) => {
  const watched = watch(page, server.url);
  const name = `${"Vertrag übermäßig ".repeat(80)}${"договор о поставке ".repeat(80)}${"供应合同附件".repeat(180)}`.slice(0, 3996) + ".txt";
  expect([...name].length).toBe(4000);
  // Nothing that is shown reaches over the edge of the window, and nothing scrolls sideways.
  const fits = async (where: string) => {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const over = await page.evaluate(() => {
        const shown = [...document.querySelectorAll("main *")].filter((part) => part.checkVisibility() && !part.closest(".hidden, .tip"));
        const wide = shown.filter((part) => part.getBoundingClientRect().right > innerWidth + 1 && !shown.some((frame) => frame !== part && frame.contains(part) && getComputedStyle(frame).overflowX !== "visible"));
        return [document.documentElement.scrollWidth - innerWidth, ...wide.map((part) => part.className)];
      });
      expect(over, `${where} at ${width}`).toEqual([0]);
    }
  };
  await page.goto(`${server.url}/app/documents`);
  await page.getByLabel("Add files").first().setInputFiles([text(name, "The harbour master is called Iveta.")]);
  const upload = page.locator(".upload").first();
  await expect(upload).toHaveClass(/upload-done/, { timeout: 60_000 });
  await expect(upload).toContainText("Its name is longer than what is kept of one");
  await fits("the upload");
  const row = page.locator(".doc-row", { hasText: "Vertrag übermäßig" });
  await expect(row).toContainText("searchable");
  await expect(row).toContainText(/… [0-9a-f]{8}\.txt/);
  expect((await row.boundingBox())?.height).toBe(56);
  await fits("the list");
  await row.getByRole("link").click();
  await expect(page.locator(".text-pages")).toContainText("The harbour master is called Iveta.");
  await expect(page.locator(".viewer-head h2")).toContainText("Vertrag übermäßig");
  await fits("the text");
  await page.getByRole("tab", { name: "Details" }).click();
  await expect(page.locator(".details")).toContainText("Vertrag übermäßig");
  await fits("the details");
  await page.getByRole("button", { name: "Close the document" }).click();
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  await ask(page, "What is the harbour master called?");
  await expect(page.locator(".answer-text")).toContainText("Iveta");
  await page.locator(".chip").first().click();
  await expect(page.locator(".text-pages mark")).toContainText("Iveta");
  await fits("the answer");
  await page.getByRole("button", { name: "Close the document" }).click();
  await page.getByRole("link", { name: "Documents", exact: true }).click();
  await row.getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
  await fits("the way back");
  await expect(page.locator(".undo")).toHaveCount(0, { timeout: 15_000 });
  const { documents } = await server.call<{ documents: { name: string }[] }>("GET", "/v1/documents");
  expect(documents.filter((document) => document.name.startsWith("Vertrag"))).toEqual([]);
  watched.check();
});

test("a file of 300 MB is refused with its reason, and the next one goes in", async ({ page }) => {
  const path = join(server.data, "huge.txt");
  const file = openSync(path, "w");
  ftruncateSync(file, 300_000_000);
  closeSync(file);
  await page.goto(`${server.url}/app/documents`);
  await page.getByLabel("Add files").first().setInputFiles(path);
  const row = page.locator(".upload", { hasText: "huge.txt" });
  await expect(row.locator(".upload-reason")).toContainText(/MB|bytes|large/, { timeout: 100_000 });
  await page.getByLabel("Add files").first().setInputFiles([text("small.txt", "The lighthouse was built in 1871.")]);
  await expect(page.locator(".upload-done", { hasText: "small.txt" })).toBeVisible({ timeout: 60_000 });
});

test("a PDF that does not render is shown by its text", async ({ page }) => {
  const id = await server.ingest("scan.pdf", pdf([["The quay is two hundred metres long."]]));
  await page.route("**/original", (route) => route.fulfill({ contentType: "application/pdf", body: "%PDF-1.7 and then nothing" }));
  await page.goto(`${server.url}/app/documents/${id}`);
  await expect(page.getByText("This PDF cannot be shown.")).toBeVisible();
  await expect(page.locator(".text-pages")).toContainText("two hundred metres");
});

test("ten thousand files dropped at once leave the page quick", async ({ page }) => {
  let taken = 0;
  await page.route("**/documents/upload", (route) => {
    taken += 1;
    return route.fulfill({ status: 202, json: { document_id: String(taken), version_id: String(taken), job_id: null, outcome: "unchanged" } });
  });
  await page.goto(`${server.url}/app/documents`);
  await expect(page.locator(".doc-row").first()).toBeVisible();
  await page.evaluate(() => {
    const files = Array.from({ length: 10_000 }, (_, at) => new File([`file ${at}`], `file-${at}.txt`, { type: "text/plain" }));
    const data = new DataTransfer();
    for (const file of files) data.items.add(file);
    document.querySelector(".documents")?.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
  });
  await expect(page.getByText(/ of 10,000 files taken in/)).toBeVisible({ timeout: 60_000 });
  expect(await page.locator(".upload").count()).toBeLessThanOrEqual(60);
  const box = page.getByRole("searchbox", { name: "Find by content" });
  const begun = Date.now();
  await box.pressSequentially("harbour");
  await expect(box).toHaveValue("harbour");
  console.log(`seven letters while 10,000 files wait: ${Date.now() - begun} ms`);
  expect(Date.now() - begun).toBeLessThan(3000);
  const before = taken;
  await expect.poll(() => taken).toBeGreaterThan(before);
});
