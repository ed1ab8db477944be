// The AI SDK with its providers for OpenAI, for compatible servers and for Anthropic.

import assert from "node:assert/strict";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, embedMany, generateText, isStepCount, streamText, tool } from "ai";
import { z } from "zod";
import { ASSAY, CITIES, all, left, model, raises, test } from "./suite.mjs";

const settings = { baseURL: `${ASSAY}/v1`, apiKey: "unused" };
const openai = createOpenAI(settings);
const anthropic = createAnthropic(settings);
const compatible = createOpenAICompatible({ name: "assay", includeUsage: true, ...settings });
const chat = (script) => compatible(model(script));
const KINDS = [chat, (script) => openai.chat(model(script)),
  (script) => openai.responses(model(script)), (script) => anthropic(model(script))];

const CITY = { name: "Oslo", people: 717710 };
const City = z.object({ name: z.string(), people: z.number() });
const weather = (execute) => tool({
  description: "What the weather is in a city.",
  inputSchema: z.object({ city: z.string() }),
  ...(execute && { execute }),
});

const call = (used, further = {}) => ({ model: used, prompt: "hi", maxRetries: 0, ...further });
const ask = (used, further) => generateText(call(used, further));

/** A stream to its end; raises the error that it brought. */
async function stream(used, further) {
  let problem;
  const run = streamText({ ...call(used, further), onError: ({ error }) => { problem = error; } });
  const parts = await all(run.fullStream ?? run.stream);
  if (problem) throw problem;
  const text = parts.filter((part) => part.type === "text-delta").map((part) => part.text).join("");
  return { text, parts, finishReason: await run.finishReason, usage: await run.usage,
    toolCalls: await run.toolCalls };
}

/** Plain and streamed, over every route. */
async function saysHello(script) {
  for (const kind of KINDS) {
    for (const answer of [await ask(kind(script)), await stream(kind(script))]) {
      assert.deepEqual([answer.text, answer.finishReason], ["hello", "stop"]);
    }
  }
}

await test("plain", async () => {
  for (const kind of KINDS) {
    const answer = await ask(kind("text"));
    assert.equal(answer.text, "hello");
    assert.deepEqual([answer.usage.inputTokens, answer.usage.outputTokens], [11, 7]);
  }
});

await test("stream", async () => {
  for (const kind of KINDS) {
    const answer = await stream(kind("text"));
    assert.equal(answer.text, "hello");
    assert.equal(answer.usage.outputTokens, 7);
  }
});

for (const script of ["calls-bare", "calls-ids", "calls-objects", "claude-calls"]) {
  const expected = script === "calls-objects" ? CITIES.slice(0, 1) : CITIES;
  await test(script, async () => {
    for (const kind of KINDS) {
      const tools = { tools: { weather: weather() } };
      for (const answer of [await ask(kind(script), tools), await stream(kind(script), tools)]) {
        assert.deepEqual(answer.toolCalls.map((made) => made.input), expected);
        assert.equal(answer.finishReason, "tool-calls");
      }
    }
  });
}

for (const script of ["usage-odd", "filter-first", "finish", "finish-missing", "line-ends",
  "keep-alives", "no-done", "gzip"]) {
  await test(script, () => saysHello(script));
}

await test("usage-last", async () => {
  for (const script of ["text", "usage-odd"]) {
    assert.equal((await stream(chat(script))).usage.totalTokens, 18);
  }
});

await test("utf8", async () => {
  for (const kind of KINDS) assert.equal((await stream(kind("utf8"))).text, "Grüße, 世界 👋");
});

await test("json", async () => {
  const output = Output.object({ schema: City });
  for (const kind of KINDS.slice(0, 3)) {
    assert.deepEqual((await ask(kind("json"), { output })).output, CITY);
  }
});

await test("params-new", async () => {
  assert.equal((await ask(chat("params-new"), { maxOutputTokens: 5 })).text, "hello");
});

await test("leave", async () => {
  const stop = new AbortController();
  const run = streamText({ ...call(chat("endless")), abortSignal: stop.signal });
  for await (const _ of run.textStream) break;
  stop.abort();
  await left("endless");
});

await test("busy-once", async () => assert.equal((await ask(chat("busy-once"))).text, "hello"));

for (const script of ["cut", "ends-early", "stall", "error-mid", "claude-busy"]) {
  await test(script, async () => {
    for (const kind of KINDS) {
      let raised = false;
      await stream(kind(script)).catch(() => { raised = true; });
      assert(raised, "half an answer was taken for a whole one");
    }
  });
}

const status = async (script) =>
  (await raises(APICallError, () => ask(chat(script)))).statusCode;

await test("error-first", async () => {
  const error = await raises(APICallError, () => stream(chat("error-first")));
  assert.equal(error.statusCode, 503);
});
await test("limited", async () => assert.equal(await status("limited"), 429));
await test("wrong", async () => assert.equal(await status("wrong"), 400));
await test("unknown-model", async () => assert.equal(await status("nothing"), 404));
await test("error-text", async () => {
  const error = await raises(APICallError, () => ask(chat("error-text")));
  assert.match(error.message, /no such size/);
});

await test("two-turns", async () => {
  for (const kind of KINDS) {
    const answer = await ask(kind("two-turns"), {
      tools: { weather: weather(() => "warm") }, stopWhen: isStepCount(3),
    });
    assert.equal(answer.text, "It is warm");
    assert.equal(answer.steps.length, 2);
  }
});

await test("vectors", async () => {
  const embedding = compatible.embeddingModel(model("vectors"));
  const answer = await embedMany({ model: embedding, values: ["a", "b"] });
  assert.deepEqual(answer.embeddings, [[0.5, -1, 2], [0.5, -1, 2]]);
});

await test("claude", () => saysHello("claude-text"));

await test("thinking", async () => {
  const answer = await ask(anthropic(model("claude-thinking")));
  assert.equal(answer.reasoningText, "let me see");
});
