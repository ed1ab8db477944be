// The official client of Anthropic for Node.

import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import { ASSAY, CITIES, MESSAGES, SCHEMA, all, left, model, raises, test } from "./suite.mjs";

const client = new Anthropic({ baseURL: ASSAY, apiKey: "unused", maxRetries: 0 });
const TOOLS = [{ name: "weather", input_schema: SCHEMA }];

const body = (script, further = {}) =>
  ({ model: model(script), max_tokens: 2000, messages: MESSAGES, ...further });
const ask = (script, further) => client.messages.create(body(script, further));
const stream = (script, further) => client.messages.stream(body(script, further)).finalMessage();

/** Plain and streamed. */
async function saysHello(script) {
  for (const message of [await ask(script), await stream(script)]) {
    assert.deepEqual([message.content[0].text, message.stop_reason], ["hello", "end_turn"]);
  }
}

await test("models", async () => {
  const names = (await all(client.models.list({ limit: 1000 }))).map((found) => found.id);
  assert(names.includes(model("text")));
});

await test("plain", async () => {
  const message = await ask("text");
  assert.equal(message.content[0].text, "hello");
  assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens], [11, 7]);
  assert(message._request_id);
});

await test("stream", async () => {
  const events = await all(ask("text", { stream: true }));
  const kinds = events.map((event) => event.type);
  assert.equal(kinds[0], "message_start");
  assert.deepEqual(kinds.slice(-2), ["message_delta", "message_stop"]);
  assert.equal((await stream("text")).usage.output_tokens, 7);
});

for (const script of ["calls-bare", "calls-ids", "calls-objects", "claude-calls"]) {
  const expected = script === "calls-objects" ? CITIES.slice(0, 1) : CITIES;
  await test(script, async () => {
    for (const message of [await ask(script, { tools: TOOLS }),
      await stream(script, { tools: TOOLS })]) {
      assert.equal(message.stop_reason, "tool_use");
      const calls = message.content.filter((block) => block.type === "tool_use");
      assert.deepEqual(calls.map((call) => call.input), expected);
      assert.equal(new Set(calls.map((call) => call.id)).size, calls.length);
    }
  });
}

for (const script of ["usage-odd", "filter-first", "finish", "finish-missing", "line-ends",
  "keep-alives", "no-done", "gzip"]) {
  await test(script, () => saysHello(script));
}

await test("error-text", async () => {
  const error = await raises(Anthropic.BadRequestError, () => ask("error-text"));
  assert.match(error.message, /no such size/);
});

await test("error-page", async () => {
  const error = await raises(Anthropic.InternalServerError, () => ask("error-page"));
  assert.equal(error.status, 502);
});

await test("error-200", async () => {
  const error = await raises(Anthropic.InternalServerError, () => ask("error-200"));
  assert.match(error.message, /in disguise/);
});

await test("utf8", async () => {
  assert.equal((await stream("utf8")).content[0].text, "Grüße, 世界 👋");
});

await test("params-new", async () => {
  assert.equal((await ask("params-new")).content[0].text, "hello");
});

await test("params-old", async () => {
  const { data, response } = await ask("params-old", { system: "be brief", top_k: 3 })
    .withResponse();
  assert.equal(data.content[0].text, "hello");
  assert.equal(response.headers.get("x-assay-dropped"), "top_k");
});

await test("model-name", async () => {
  assert.equal((await ask("text")).model, model("text"));
  assert.equal((await stream("claude-text")).model, model("claude-text"));
});

await test("leave", async () => {
  for await (const event of await ask("endless", { stream: true })) {
    if (event.type === "content_block_delta") break;
  }
  await left("endless");
});

await test("limited", async () => {
  const error = await raises(Anthropic.RateLimitError, () => ask("limited"));
  assert.equal(error.headers.get("retry-after"), "17");
});

await test("busy-once", async () => {
  assert.equal((await ask("busy-once")).content[0].text, "hello");
});

const image = (script, size) => {
  const source = { type: "base64", media_type: "image/png", data: "A".repeat(size) };
  return ask(script, { messages: [{ role: "user", content: [{ type: "image", source }] }] });
};

await test("image", async () => {
  assert.equal((await image("image", 8 << 20)).content[0].text, "seen");
});

await test("image-large", async () => {
  const error = await raises(Anthropic.APIError, () => image("image", 25 << 20));
  assert.equal(error.status, 413);
  assert.equal(error.error.error.type, "request_too_large");
});

for (const script of ["cut", "ends-early", "stall", "error-mid", "claude-busy"]) {
  await test(script, () => raises(Anthropic.APIError, () => stream(script)));
}

await test("error-first", async () => {
  const error = await raises(Anthropic.InternalServerError, () =>
    ask("error-first", { stream: true }));
  assert.equal(error.status, 503);
});

await test("wrong", async () => {
  const error = await raises(Anthropic.BadRequestError, () => ask("wrong"));
  assert.equal(error.error.error.type, "invalid_request_error");
});

await test("context", async () => {
  const error = await raises(Anthropic.BadRequestError, () => ask("context", { stream: true }));
  assert.match(error.message, /8192/);
});

await test("key-refused", async () => {
  const error = await raises(Anthropic.InternalServerError, () => ask("key-refused"));
  assert.equal(error.status, 502);
});

await test("tool-schema", async () => {
  const tools = [{ name: "f", input_schema: { type: "banana" } }];
  const error = await raises(Anthropic.BadRequestError, () => ask("tool-schema", { tools }));
  assert.match(error.message, /type must be object/);
});

await test("unknown-model", async () => {
  const error = await raises(Anthropic.NotFoundError, () => ask("nothing"));
  assert.equal(error.error.error.type, "not_found_error");
});

await test("two-turns", async () => {
  const message = await ask("two-turns", { tools: TOOLS });
  const results = message.content.filter((block) => block.type === "tool_use")
    .map((block) => ({ type: "tool_result", tool_use_id: block.id, content: "warm" }));
  const answer = await ask("two-turns", { tools: TOOLS, messages: [...MESSAGES,
    { role: "assistant", content: message.content }, { role: "user", content: results }] });
  assert.equal(answer.content[0].text, "It is warm");
});

await test("thinking", async () => {
  const thinking = { type: "enabled", budget_tokens: 1024 };
  for (const message of [await ask("claude-thinking", { thinking }),
    await stream("claude-thinking", { thinking })]) {
    assert.equal(message.content[0].signature, "EqQBCkYIBxgCKkDx+/==");
    const again = await ask("claude-thinking", { thinking, messages: [...MESSAGES,
      { role: "assistant", content: message.content }, ...MESSAGES] });
    assert.equal(again.content[1].text, "hello");
  }
});

await test("count-tokens", async () => {
  for (const script of ["text", "claude-text"]) {
    const count = await client.messages.countTokens({ model: model(script), messages: MESSAGES });
    assert(count.input_tokens > 0);
  }
});

await test("claude", () => saysHello("claude-text"));

await test("claude-wrong", async () => {
  const error = await raises(Anthropic.BadRequestError, () => ask("claude-wrong"));
  assert.match(error.message, /too large/);
});
