// Asking: from the first visit to the sentence marked in the document, and what can go wrong.
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { Server, pdf } from "./server";
import { ask, watch } from "./watch";

let server: Server;

const REPORT = pdf([
  ["The harbour of Port Lorne was founded in 1883.", "It has four quays and a lighthouse."],
  ["The ferry to Gull Island leaves the harbour", "at half past seven every morning.", "Tickets cost nine crowns."],
]);

test.beforeAll(async () => {
  server = await Server.start();
  await server.ingest("harbour.pdf", REPORT);
  await server.ingest("bees.md", "# Bees\n\nA queen bee lives for up to five years. Worker bees live for about six weeks in summer.\n");
});
test.afterAll(() => server.stop());

test("a first visit leads to a cited answer and the sentence marked in the PDF", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await ask(page, "When does the ferry to Gull Island leave?");
  const answer = page.locator(".answer-text");
  await expect(answer).toContainText("half past seven");
  // The answer may tell of the harbour first: the chip is the one of the sentence about the ferry.
  const claim = "//span[contains(@class, 'claim')][contains(., 'half past seven')]";
  const chip = answer.locator(`xpath=(${claim}/descendant::button | ${claim}/following::button)[1]`);
  // Two moves: a pointer that was never there has not come from anywhere.
  await page.mouse.move(5, 5);
  await chip.hover();
  await expect(page.locator(".quote-card")).toContainText("Supported");
  await chip.click();
  await expect(page.getByRole("complementary", { name: "Document" })).toBeVisible();
  await expect(page.locator(".pdf-mark").first()).toBeVisible();
  await expect(page.locator(".pdf-mark").first().locator("xpath=..")).toHaveAttribute("data-page", "2");
  await expect(page.getByText("could not be marked")).toHaveCount(0);
  await page.getByRole("button", { name: /lanes?$/ }).click();
  await expect(page.getByRole("row", { name: /Words/ })).toContainText("completed");
  watched.check();
});

test("other formats are marked in their text, and a conversation is found again", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await ask(page, "How long does a queen bee live?");
  await page.locator(".chip").first().click();
  await expect(page.locator(".text-pages mark")).toHaveText("A queen bee lives for up to five years.");
  await page.keyboard.press("/");
  await page.goto(server.url);
  await page.getByRole("link", { name: "How long does a queen bee live?" }).first().click();
  await expect(page.locator(".answer-text")).toContainText("five years");
  await page.locator(".chip").first().click();
  await expect(page.locator(".text-pages mark")).toContainText("five years");
  watched.check();
});

test("what the sources do not hold is said, with what comes closest", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await ask(page, "Who won the world cup in 1998?");
  await expect(page.locator(".answer-state")).toHaveText("Not in the sources");
  await page.locator(".nearest button").first().click();
  await expect(page.getByRole("complementary", { name: "Document" })).toBeVisible();
  watched.check();
});

test("a finding of the guard is shown with the answer", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await ask(page, "How long does a queen bee live? Write to julian.galvez@rhyta.com");
  await expect(page.locator(".guard-note").first()).toContainText("e-mail address in the question: reported");
  watched.check();
});

test("claims look like their verdict", async ({ page }) => {
  const claims = [
    { text: "It holds.", start: 0, end: 9, verdict: "supported", confidence: 0.97, citations: [] },
    { text: "It is denied.", start: 10, end: 23, verdict: "contradicted", confidence: 0.9, citations: [] },
    { text: "Nobody says so.", start: 24, end: 39, verdict: "unsupported", confidence: 0.1, citations: [] },
  ];
  await page.route("**/query", async (route) => {
    const response = await route.fetch();
    const told = await response.text();
    const last = told.slice(told.indexOf("event: answer")).split("\n")[1] ?? "";
    const answer = JSON.parse(last.slice("data: ".length));
    answer.claims = claims;
    answer.final_answer.answer = claims.map((claim) => claim.text).join(" ");
    await route.fulfill({ response, body: `event: answer\ndata: ${JSON.stringify(answer)}\n\n` });
  });
  await page.goto(server.url);
  await ask(page, "How long does a queen bee live?");
  await expect(page.locator(".claim-contradicted")).toHaveText("✕ Contradicted It is denied.");
  await expect(page.locator(".claim-unsupported")).toHaveText("? Not supported Nobody says so.");
  await expect(page.locator(".claim-supported")).toHaveText("It holds.");
});

test("a connection that is lost in mid-stream is said, and the answer resumed", async ({ page }) => {
  let isCut = true;
  await page.route("**/query", async (route) => {
    if (!isCut) return route.fallback();
    isCut = false;
    const piece = { text: "A queen bee lives", claim: null, citations: [] };
    await route.fulfill({ contentType: "text/event-stream", body: `event: claim\ndata: ${JSON.stringify(piece)}\n\n` });
  });
  await page.goto(server.url);
  await ask(page, "How long does a queen bee live?");
  await expect(page.getByRole("alert")).toContainText("connection to the server was lost");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.locator(".answer-text")).toContainText("five years");
});

test("a server that is killed in mid-stream is said, and the answer resumed when it is back", async ({ page }) => {
  let own = await Server.start();
  await own.ingest("bees.md", "# Bees\n\nA queen bee lives for up to five years.\n");
  let isFirst = true;
  // What stands between browser and server hands on the beginning of the answer, and then nothing does.
  const between = createServer((asked, answer) => {
    const { pathname, search } = new URL(asked.url ?? "/", own.url);
    const onward = request(own.url + pathname + search, { method: asked.method, headers: asked.headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      if (pathname !== "/query" || !isFirst) {
        given.pipe(answer);
        return;
      }
      isFirst = false;
      given.once("data", (part: Buffer) => {
        own.kill();
        answer.write(part.subarray(0, 40), () => answer.destroy());
      });
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((done) => between.listen(0, "127.0.0.1", done));
  try {
    await page.goto(`http://127.0.0.1:${(between.address() as AddressInfo).port}`);
    await ask(page, "How long does a queen bee live?");
    await expect(page.getByRole("alert")).toContainText("connection to the server was lost");
    await page.getByRole("button", { name: "Resume" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    own = await Server.on(own.data);
    await page.getByRole("button", { name: "Resume" }).click();
    await expect(page.locator(".answer-text")).toContainText("five years");
    await expect(page.getByRole("alert")).toHaveCount(0);
  } finally {
    between.closeAllConnections();
    between.close();
    own.stop();
  }
});

test("conversations are found by what was answered, with the place", async ({ page }) => {
  const watched = watch(page, server.url);
  await page.goto(server.url);
  await ask(page, "What do tickets cost?");
  await page.goto(`${server.url}/app/history`);
  const found = page.getByRole("main").getByRole("listitem");
  const box = page.getByRole("main").getByRole("searchbox", { name: "Search conversations" });
  await box.fill("nine crow");
  await expect(found).toHaveCount(1);
  await expect(found).toContainText("What do tickets cost?");
  await expect(found.locator(".history-found")).toContainText("nine crowns");
  await box.fill("volcano");
  await expect(page.getByText("No conversation speaks of this.")).toBeVisible();
  await box.fill("…");
  await expect(found.filter({ hasText: "What do tickets cost?" })).toHaveCount(1);
  await box.fill("nine crowns");
  await expect(found).toHaveCount(1);
  await found.getByRole("link").click();
  await expect(page.locator(".answer-text").last()).toContainText("nine crowns");
  watched.check();
});

test("German words are shown to German readers", async ({ browser }) => {
  const page = await browser.newPage({ locale: "de-DE" });
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "Was möchten Sie wissen?" })).toBeVisible();
  await page.close();
});

test("a server that is gone is said, and the page goes on when it is back", async ({ page }) => {
  await page.goto(server.url);
  await page.route("**/query", (route) => route.abort());
  await ask(page, "How long does a queen bee live?");
  await expect(page.getByRole("alert")).toContainText("lost");
  await page.unroute("**/query");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.locator(".answer-text")).toContainText("five years");
});
