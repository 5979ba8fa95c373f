// The AI SDK, with @ai-sdk/openai's `.chat`, `.completion` and `.embedding`, and with @ai-sdk/openai-compatible.
// (`openai(MODEL)` without `.chat` uses /v1/responses.)

import assert from "node:assert/strict";
import { apiKey, baseURL, callBoth, continuation, embeddingModels, expectCancelled, expectError, expectUnavailable,
  expectVectors, faulty, Goose, model, require, run, texts } from "./checks.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;
const { APICallError, embed, embedMany, generateText, Output, RetryError, stepCountIs, streamText, tool } = require("ai");
const { createOpenAI } = require("@ai-sdk/openai");
const { createOpenAICompatible } = require("@ai-sdk/openai-compatible");
const { z } = require("zod");

const compatible = { name: "skein", baseURL, apiKey };
const openAi = createOpenAI({ baseURL, apiKey });
const like = createOpenAICompatible(compatible);
const providers = [openAi.chat, like];
const standIn = /offline stand-in/;

/** Two tools, and the names of those that were called. */
function tools() {
  const called = [];
  const named = (name) => tool({
    description: "Tells something of a city.",
    inputSchema: z.object({ city: z.string(), days: z.number().int().min(1) }),
    execute: async () => called.push(name) && "rain",
  });
  return { called, tools: { get_weather: named("get_weather"), get_time: named("get_time") } };
}

/** A stream reports its errors to a callback. */
async function streamed(request, onText = () => {}) {
  let failure;
  const stream = streamText({ ...request, onError: ({ error }) => (failure = error) });
  const pieces = [];
  for await (const piece of stream.textStream) {
    pieces.push(piece);
    onText();
  }
  if (failure) {
    throw failure;
  }
  return { stream, pieces };
}

const whole = {
  async "a reply is whole"() {
    for (const chat of providers) {
      const { text, finishReason, usage } = await generateText({ model: chat(model), system: "Be brief.", prompt: "Hello" });
      assert.match(text, standIn);
      assert.equal(finishReason, "stop");
      assert.ok(usage.outputTokens > 1);
    }
  },

  async "a stream has the same text"() {
    for (const chat of providers) {
      const { pieces, stream } = await streamed({ model: chat(model), prompt: "Hello" });
      assert.ok(pieces.length > 10);
      assert.equal(pieces.join(""), (await generateText({ model: chat(model), prompt: "Hello" })).text);
      assert.equal(await stream.finishReason, "stop");
    }
  },

  async "functions are called and their results answered"() {
    for (const chat of providers) {
      const { called, tools: offered } = tools();
      const request = { model: chat(model), prompt: callBoth, tools: offered, stopWhen: stepCountIs(3) };
      assert.match((await generateText(request)).text, standIn);
      assert.match((await streamed(request)).pieces.join(""), standIn);
      assert.deepEqual(called, ["get_weather", "get_time", "get_weather", "get_time"]);
    }
  },

  async "a reply has the form of a schema"() {
    // By default the second one asks for JSON, but keeps the schema to itself.
    const structured = createOpenAICompatible({ ...compatible, supportsStructuredOutputs: true });
    for (const chat of [providers[0], structured]) {
      const request = { model: chat(model), prompt: "Hello", output: Output.object({ schema: Goose }) };
      Goose.parse((await generateText(request)).output);
      Goose.parse(await (await streamed(request)).stream.output);
    }
  },

  async "a text is continued, whole and in a stream"() {
    for (const continuing of [openAi.completion, like.completionModel]) {
      const { text, finishReason } = await generateText({ model: continuing(model), prompt: "Once" });
      assert.match(text, continuation);
      assert.equal(finishReason, "length");
      const { pieces } = await streamed({ model: continuing(model), prompt: "Once" });
      assert.ok(pieces.length > 10);
      assert.equal(pieces.join(""), text);
    }
  },

  async "texts are embedded"() {
    for (const embedding of [openAi.embedding, like.embeddingModel]) {
      for (const name of embeddingModels) {
        const { embeddings, usage } = await embedMany({ model: embedding(name), values: texts });
        expectVectors(embeddings);
        assert.ok(usage.tokens > 1);
        assert.deepEqual((await embed({ model: embedding(name), value: texts[0] })).embedding, embeddings[0]);
      }
    }
  },

  async "an unknown model is not found"() {
    for (const chat of providers) {
      const error = await expectError(() => generateText({ model: chat("goose-1"), prompt: "Hello" }), APICallError);
      assert.equal(error.statusCode, 404);
    }
  },

  async "an invalid field is a bad request"() {
    for (const chat of providers) {
      const request = { model: chat(model), prompt: "Hello", maxOutputTokens: 1_000_000 };
      assert.equal((await expectError(() => generateText(request), APICallError)).statusCode, 400);
    }
  },
};

const faults = {
  async "an unavailable provider is reported after three requests"() {
    for (const chat of providers) {
      const request = { model: chat(faulty.unavailable), prompt: "Hello" };
      const error = await expectUnavailable(() => generateText(request), RetryError, 3);
      assert.equal(error.lastError.statusCode, 503);
    }
  },

  async "a stream that is left is ended"() {
    for (const chat of providers) {
      await expectCancelled(async () => {
        const leave = new AbortController();
        const request = { model: chat(faulty.slowStream), prompt: "Hello", abortSignal: leave.signal };
        await streamed(request, () => leave.abort());
      });
    }
  },
};

await run("ai-sdk", { whole, faults });
