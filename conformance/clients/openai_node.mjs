// The official client of OpenAI for Node.

import assert from "node:assert/strict";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { ASSAY, CITIES, MESSAGES, SCHEMA, all, left, model, raises, test } from "./suite.mjs";

const client = new OpenAI({ baseURL: `${ASSAY}/v1`, apiKey: "unused", maxRetries: 0 });
const completions = client.chat.completions;
const TOOLS = [
  { type: "function", function: { name: "weather", parameters: SCHEMA, strict: true } },
];
const City = z.object({ name: z.string().min(2), people: z.number() });

const ask = (script, further = {}) =>
  completions.create({ model: model(script), messages: MESSAGES, ...further });
const stream = (script, further = {}) => all(ask(script, { stream: true, ...further }));
const collect = (script, further = {}) =>
  completions.stream({ model: model(script), messages: MESSAGES, ...further }).finalChatCompletion();
const words = (chunks) =>
  chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta.content ?? "")).join("");

function inputs(calls) {
  assert(calls.every((call) => call.id && call.type === "function"));
  assert.equal(new Set(calls.map((call) => call.id)).size, calls.length);
  return calls.map((call) => JSON.parse(call.function.arguments));
}

/** Plain and streamed. */
async function saysHello(script) {
  const [answer] = (await ask(script)).choices;
  assert.deepEqual([answer.message.content, answer.finish_reason], ["hello", "stop"]);
  const chunks = await stream(script);
  assert.equal(words(chunks), "hello");
  assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
  const [whole] = (await collect(script)).choices;
  assert.equal(whole.message.content, "hello");
}

await test("models", async () => {
  const names = (await all(client.models.list())).map((found) => found.id);
  assert(names.includes(model("text")));
});

await test("plain", async () => {
  const { data, response } = await ask("text").withResponse();
  assert.equal(data.choices[0].message.content, "hello");
  assert.equal(data.usage.total_tokens, 18);
  assert.deepEqual(data.x_new, { a: 1 });
  assert(data._request_id);
  assert.equal(response.headers.get("x-ratelimit-remaining-requests"), "9");
});

await test("stream", async () => {
  const chunks = await stream("text");
  assert.equal(words(chunks), "hello");
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
  assert.equal(chunks.filter((chunk) => chunk.choices[0].delta.role === "assistant").length, 1);
});

for (const script of ["calls-bare", "calls-ids", "calls-objects"]) {
  const expected = script === "calls-objects" ? CITIES.slice(0, 1) : CITIES;
  await test(script, async () => {
    for (const answer of [await ask(script, { tools: TOOLS }),
      await collect(script, { tools: TOOLS })]) {
      const [choice] = answer.choices;
      assert.equal(choice.finish_reason, "tool_calls");
      assert.deepEqual(inputs(choice.message.tool_calls), expected);
    }
  });
}

await test("usage-odd", async () => {
  const chunks = await stream("usage-odd");
  assert(chunks.every((chunk) => !chunk.usage && chunk.choices.length));
});

await test("usage-last", async () => {
  for (const script of ["text", "usage-odd"]) {
    const chunks = await stream(script, { stream_options: { include_usage: true } });
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.total_tokens, 18);
  }
});

for (const script of ["filter-first", "finish", "finish-missing", "line-ends", "keep-alives",
  "no-done", "gzip"]) {
  await test(script, () => saysHello(script));
}

await test("error-text", async () => {
  const error = await raises(OpenAI.BadRequestError, () => ask("error-text"));
  assert.match(error.message, /no such size/);
});

await test("error-page", async () => {
  const error = await raises(OpenAI.InternalServerError, () => ask("error-page"));
  assert.equal(error.status, 502);
  assert.doesNotMatch(error.message, /<html/);
});

await test("error-200", async () => {
  const error = await raises(OpenAI.InternalServerError, () => ask("error-200"));
  assert.match(error.message, /in disguise/);
});

await test("utf8", async () => assert.equal(words(await stream("utf8")), "Grüße, 世界 👋"));

await test("json", async () => {
  const format = { response_format: zodResponseFormat(City, "city") };
  const answer = await completions.parse({ model: model("json"), messages: MESSAGES, ...format });
  const streamed = await collect("json", format);
  for (const found of [answer, streamed]) {
    assert.deepEqual(found.choices[0].message.parsed, { name: "Oslo", people: 717710 });
  }
});

await test("json-tools", async () => {
  const format = { response_format: zodResponseFormat(City, "city"), tools: TOOLS };
  const { data, response } = await ask("json-tools", format).withResponse();
  assert.deepEqual(inputs(data.choices[0].message.tool_calls), CITIES);
  assert.equal(response.headers.get("x-assay-dropped"), "response_format");
});

await test("json-keywords", async () => {
  const answer = await completions.parse({
    model: model("json-keywords"), messages: MESSAGES,
    response_format: zodResponseFormat(City, "city"),
  });
  assert.equal(answer.choices[0].message.parsed.people, 717710);
});

await test("params-new", async () => {
  const answer = await ask("params-new", { max_tokens: 5 });
  assert.equal(answer.choices[0].message.content, "hello");
});

await test("params-old", async () => {
  const { response } = await completions.create({
    model: model("params-old"), max_completion_tokens: 5, seed: 7, logit_bias: {}, user: "me",
    messages: [{ role: "developer", content: "be brief" }, ...MESSAGES],
  }).withResponse();
  assert.equal(response.headers.get("x-assay-dropped"), "logit_bias,user");
});

await test("model-name", async () => {
  assert.equal((await ask("text")).model, model("text"));
  assert((await stream("text")).every((chunk) => chunk.model === model("text")));
});

await test("hidden", async () => {
  const chunks = await stream("text");
  assert(chunks.every((chunk) => !("usage" in chunk) && chunk.choices.length));
});

await test("leave", async () => {
  for await (const _ of await ask("endless", { stream: true })) break;
  await left("endless");
});

await test("limited", async () => {
  const error = await raises(OpenAI.RateLimitError, () => ask("limited"));
  assert.equal(error.code, "rate_limit_exceeded");
  assert.equal(error.headers.get("retry-after"), "17");
});

await test("busy-once", async () => {
  assert.equal((await ask("busy-once")).choices[0].message.content, "hello");
});

await test("choices", async () => {
  for (const answer of [await ask("choices", { n: 2 }), await collect("choices", { n: 2 })]) {
    assert.deepEqual(answer.choices.map((choice) => choice.message.content), ["ac", "b"]);
  }
});

await test("logprobs", async () => {
  const [choice] = (await ask("logprobs", { logprobs: true })).choices;
  assert.equal(choice.logprobs.content[0].logprob, -0.5);
  const [first] = await stream("logprobs", { logprobs: true });
  assert.equal(first.choices[0].logprobs.content[0].token, "hello");
});

await test("digits", async () => {
  const response = await ask("digits").asResponse();
  assert((await response.text()).includes("12345678901234567890.10"));
});

const image = (script, size) => completions.create({
  model: model(script),
  messages: [{ role: "user", content: [
    { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(size)}` } }] }],
});

await test("image", async () => {
  assert.equal((await image("image", 8 << 20)).choices[0].message.content, "seen");
});

await test("image-large", async () => {
  const error = await raises(OpenAI.APIError, () => image("image", 25 << 20));
  assert.deepEqual([error.status, error.code], [413, "too_large"]);
});

for (const script of ["cut", "ends-early", "stall", "error-mid"]) {
  await test(script, async () => {
    const seen = [];
    await raises(OpenAI.APIError, async () => {
      for await (const chunk of await ask(script, { stream: true })) seen.push(chunk);
    });
    assert.equal(words(seen), "half");
  });
}

await test("error-first", async () => {
  const error = await raises(OpenAI.InternalServerError, () =>
    ask("error-first", { stream: true }));
  assert.equal(error.status, 503);
});

await test("wrong", async () => {
  const error = await raises(OpenAI.BadRequestError, () => ask("wrong"));
  assert.deepEqual([error.code, error.param, error.type],
    ["invalid_value", "n", "invalid_request_error"]);
});

await test("context", async () => {
  const error = await raises(OpenAI.BadRequestError, () => ask("context", { stream: true }));
  assert.equal(error.code, "context_length_exceeded");
});

await test("key-refused", async () => {
  const error = await raises(OpenAI.InternalServerError, () => ask("key-refused"));
  assert.equal(error.status, 502);
});

await test("tool-schema", async () => {
  const tools = [{ type: "function", function: { name: "f", parameters: { type: "banana" } } }];
  const error = await raises(OpenAI.BadRequestError, () => ask("tool-schema", { tools }));
  assert.equal(error.code, "invalid_function_parameters");
});

await test("unknown-model", async () => {
  const error = await raises(OpenAI.NotFoundError, () => ask("nothing"));
  assert.equal(error.code, "model_not_found");
});

await test("two-turns", async () => {
  const runner = completions.runTools({
    model: model("two-turns"), messages: MESSAGES,
    tools: [{ type: "function", function: { name: "weather", parameters: SCHEMA,
      parse: JSON.parse, function: () => "warm" } }],
  });
  assert.equal(await runner.finalContent(), "It is warm");
});

for (const script of ["vectors", "vectors-floats"]) {
  await test(script, async () => {
    const answer = await client.embeddings.create({ model: model(script), input: ["a", "b"] });
    assert.deepEqual(answer.data.map((item) => item.embedding), [[0.5, -1, 2], [0.5, -1, 2]]);
  });
}

await test("token-arrays", async () => {
  const answer = await client.embeddings.create({ model: model("vectors"), input: [[1, 2]] });
  assert.deepEqual(answer.data[0].embedding, [0.5, -1, 2]);
});

await test("responses", async () => {
  const answer = await client.responses.create({ model: model("text"), input: "hi" });
  assert.deepEqual([answer.output_text, answer.status], ["hello", "completed"]);
});

await test("responses-stream", async () => {
  const seen = await all(
    client.responses.create({ model: model("text"), input: "hi", stream: true }));
  assert.deepEqual([seen[0].type, seen.at(-1).type],
    ["response.created", "response.completed"]);
  assert(seen.every((event, at) => at === 0 || event.sequence_number > seen[at - 1].sequence_number));
  const events = client.responses.stream({ model: model("text"), input: "hi" });
  assert.equal((await events.finalResponse()).output_text, "hello");
});

await test("responses-calls", async () => {
  const tool = { type: "function", ...TOOLS[0].function };
  const events = client.responses.stream({ model: model("calls-bare"), input: "hi", tools: [tool] });
  const { output } = await events.finalResponse();
  assert.deepEqual(output.map((item) => JSON.parse(item.arguments)), CITIES);
});

await test("responses-cut", async () => {
  await raises(OpenAI.APIError, () =>
    all(client.responses.create({ model: model("cut"), input: "hi", stream: true })));
});

await test("claude", async () => {
  assert.equal((await ask("claude-text")).choices[0].message.content, "hello");
  assert.equal(words(await stream("claude-text")), "hello");
});

await test("claude-calls", async () => {
  const [choice] = (await collect("claude-calls", { tools: TOOLS })).choices;
  assert.deepEqual(inputs(choice.message.tool_calls), CITIES);
});

await test("claude-busy", () => raises(OpenAI.APIError, () => stream("claude-busy")));

await test("claude-wrong", async () => {
  const error = await raises(OpenAI.BadRequestError, () => ask("claude-wrong"));
  assert.match(error.message, /max_tokens: too large/);
});
