// Active content as name of a document, question, passage and answer stays text: no dialog, no
// request to another host, no script. The payloads are those of `assay drill attack`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { Server } from "./server";
import { watch } from "./watch";

const FILE = fileURLToPath(new URL("../../crates/assay/src/command/drill/attack/xss.txt", import.meta.url));
const PAYLOADS = readFileSync(FILE, "utf8").split("\n").filter((line) => line.trim() && !line.startsWith("#"));
/** Payloads of one document or answer. */
const TOGETHER = 60;

let server: Server;
test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(() => server.stop());

const groups = Array.from({ length: Math.ceil(PAYLOADS.length / TOGETHER) }, (_, at) => PAYLOADS.slice(at * TOGETHER, (at + 1) * TOGETHER));

test("payloads in passages and in the names of documents are inert", async ({ page }) => {
  const watched = watch(page, server.url);
  const documents: string[] = [];
  for (const [at, group] of groups.entries()) {
    documents.push(await server.ingest(`${at} ${(group[0] ?? "").slice(0, 120)}.txt`, group.join("\n\n")));
  }
  await page.goto(`${server.url}/app/documents`);
  await expect(page.locator(".doc-row")).toHaveCount(groups.length);
  for (const document of documents) {
    await page.goto(`${server.url}/app/documents/${document}`);
    await expect(page.locator(".text-pages .passage").first()).toBeVisible();
    expect(await page.locator(".text-pages").locator("script, img, iframe, svg, a, object, form").count()).toBe(0);
  }
  watched.check();
});

test("payloads in every part of an answer are inert", async ({ page }) => {
  const watched = watch(page, server.url);
  let payload = "";
  await page.route("**/query", async (route) => {
    const citation = {
      number: 1, document_id: payload, version_id: payload, passage_id: payload, title: payload, url: payload, provider: "assay",
      attribution: null, page: null, origin: null, quote: payload, start: 0, end: 1, verdict: "supported", confidence: 1,
    };
    const text = `${payload} [1]`;
    const nearest = { title: payload, url: payload, snippet: payload, provider: "assay", passage_id: payload, document_id: payload, version_id: payload, start: 0, end: 1, relevance: 1, heading_path: [payload] };
    const answer = {
      query: payload, success: true, rewritten_query: payload, session_id: null, state: "conflicting",
      final_answer: { answer: text, sources_used: {}, provider_used: payload, model_used: payload, confidence: 1 },
      claims: [{ text: payload, start: 0, end: [...payload].length, verdict: "contradicted", confidence: 1, citations: [1] }],
      citations: [citation], conflicts: [{ claim: 0, sides: [{ citation: 1, stance: "supports", quote: payload, document_id: "x", title: payload, date: payload, date_source: "metadata" }] }],
      readings: [{ label: payload, document_id: "x", title: payload }], nearest: [nearest],
      lane_results: { keyword: { lane_name: payload, status: payload, found: 1, error: payload, duration_ms: 1, timeout_seconds: 1, is_successful: true, is_partial: false } },
      summary: { successful_lanes: 1, partial_lanes: 0, failed_lanes: 0, total_lanes: 1 }, partial_results: true, notices: [payload],
      guard: [{ place: payload, kind: payload, severity: payload, action: payload, count: 1 }], within_budget: true, total_time_ms: 1,
      query_processing_time_ms: 1, version: "0", timestamp: "2026-01-01T00:00:00Z",
    };
    await route.fulfill({ contentType: "text/event-stream", body: `event: answer\ndata: ${JSON.stringify(answer)}\n\n` });
  });
  await page.goto(server.url);
  for (payload of PAYLOADS) {
    const box = page.getByRole("textbox", { name: "Question" });
    await box.fill(payload.slice(0, 900));
    await box.press("Enter");
    await expect(page.locator(".turn").last()).toHaveAttribute("aria-busy", "false");
    // A page for each payload would take minutes; a long conversation slows down.
    if ((await page.locator(".turn").count()) > 25) await page.getByRole("button", { name: "New conversation" }).click();
  }
  await page.locator(".chip").last().click();
  await page.getByRole("button", { name: /lanes?$/ }).last().click();
  expect(await page.locator(".turn").locator("script, img, iframe, object, form, a").count()).toBe(0);
  watched.check(/status of 40[04]/);
});
