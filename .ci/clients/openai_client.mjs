// OpenAI's Node client.

import assert from "node:assert/strict";
import { apiKey, baseURL, expectCancelled, expectError, expectUnavailable, faulty, Goose, model, now, recordOf,
  records, require, run } from "./checks.mjs";

const OpenAI = require("openai");
const { zodResponseFormat } = require("openai/helpers/zod");

const user = `node-${process.pid}`;
const client = new OpenAI({ baseURL, apiKey });
const completions = client.chat.completions;

const tool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Tells the weather of a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
      required: ["city", "days"],
    },
  },
};
const callIt = { type: "function", function: { name: "get_weather" } };
const ask = (text, of = model) => ({ model: of, messages: [{ role: "user", content: text }] });
const textOf = (chunk) => chunk.choices[0]?.delta.content ?? "";
const joined = (chunks) => chunks.map(textOf).join("");

async function collect(request, into = []) {
  for await (const chunk of await completions.create({ ...request, stream: true })) {
    into.push(chunk);
  }
  return into;
}

function assertArgumentsFit(text) {
  const found = JSON.parse(text);
  assert.ok(typeof found.city === "string" && found.days >= 1, text);
}

const whole = {
  async "the models are listed"() {
    const ids = [];
    for await (const listed of client.models.list()) {
      ids.push(listed.id);
    }
    assert.ok(ids.includes(model), ids.join());
  },

  async "a completion is whole"() {
    const completion = await completions.create(ask("Hello"));
    assert.match(completion.choices[0].message.content, /offline stand-in/);
    assert.equal(completion.choices[0].finish_reason, "stop");
    const { prompt_tokens, completion_tokens, total_tokens } = completion.usage;
    assert.equal(total_tokens, prompt_tokens + completion_tokens);
    assert.ok(completion._request_id);
  },

  async "a stream has the same text in chunks"() {
    const completion = await completions.create(ask("Hello"));
    const chunks = await collect(ask("Hello"));
    assert.ok(chunks.length > 10);
    assert.equal(joined(chunks), completion.choices[0].message.content);
    assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
    assert.ok(chunks.every((chunk) => !chunk.usage));
  },

  async "a text is continued, whole and in a stream"() {
    const text = { model, prompt: "Once", max_tokens: 5 };
    const whole = await client.completions.create(text);
    assert.ok(whole.choices[0].text);
    assert.equal(whole.choices[0].finish_reason, "length");
    let streamed = "";
    for await (const chunk of await client.completions.create({ ...text, stream: true })) {
      streamed += chunk.choices[0]?.text ?? "";
    }
    assert.equal(streamed, whole.choices[0].text);
  },

  async "embeddings are the same in base64 and as numbers"() {
    // The client asks for base64 by default.
    const texts = { model: "text-embedding-3-small", input: ["a skein of geese", "two skeins"] };
    const packed = await client.embeddings.create(texts);
    const plain = await client.embeddings.create({ ...texts, encoding_format: "float" });
    assert.equal(packed.data[1].embedding.length, 1536);
    packed.data[1].embedding.forEach((it, i) => assert.ok(Math.abs(it - plain.data[1].embedding[i]) < 1e-6));
    assert.equal((await client.embeddings.create({ ...texts, dimensions: 256 })).data[0].embedding.length, 256);
  },

  async "a stream ends with done"() {
    const response = await completions.create({ ...ask("Hello"), stream: true }).asResponse();
    const lines = (await response.text()).split("\n").filter((line) => line);
    assert.equal(lines.at(-1), "data: [DONE]");
  },

  async "a stream reports its usage on request"() {
    const { usage } = await completions.create(ask("Hello"));
    const last = (await collect({ ...ask("Hello"), stream_options: { include_usage: true } })).at(-1);
    assert.deepEqual(last.choices, []);
    assert.deepEqual(last.usage, usage);
  },

  async "a function is called"() {
    const { choices } = await completions.create({ ...ask("Hello"), tools: [tool], tool_choice: callIt });
    assert.equal(choices[0].finish_reason, "tool_calls");
    assert.equal(choices[0].message.content, null);
    const call = choices[0].message.tool_calls[0];
    assert.equal(call.function.name, "get_weather");
    assertArgumentsFit(call.function.arguments);
    const answer = await completions.create({
      model,
      messages: [
        { role: "user", content: "Hello" },
        choices[0].message,
        { role: "tool", tool_call_id: call.id, content: "rain" },
      ],
      tools: [tool],
    });
    assert.equal(answer.choices[0].finish_reason, "stop");
  },

  async "a function is called in a stream"() {
    const chunks = await collect({ ...ask("Hello"), tools: [tool], tool_choice: callIt });
    const calls = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
    assert.ok(calls[0].id);
    assert.equal(calls[0].function.name, "get_weather");
    assert.ok(calls.length > 2);
    assertArgumentsFit(calls.map((call) => call.function.arguments).join(""));
    assert.equal(chunks.at(-1).choices[0].finish_reason, "tool_calls");
  },

  async "the client runs the called function by itself"() {
    const seen = [];
    const run = completions.runTools({
      ...ask("Please call get_weather."),
      stream: true,
      tools: [
        {
          type: "function",
          function: { ...tool.function, parse: JSON.parse, function: (found) => seen.push(found) && "rain" },
        },
      ],
    });
    assert.match(await run.finalContent(), /offline stand-in/);
    assert.equal(seen.length, 1);
    assert.ok(seen[0].days >= 1);
  },

  async "an answer has the form of a schema"() {
    const format = zodResponseFormat(Goose, "goose");
    const completion = await completions.parse({ ...ask("Hello"), response_format: format });
    Goose.parse(completion.choices[0].message.parsed);
  },

  async "a streamed answer has the form of a schema"() {
    const stream = completions.stream({ ...ask("Hello"), response_format: zodResponseFormat(Goose, "goose") });
    Goose.parse((await stream.finalChatCompletion()).choices[0].message.parsed);
  },

  async "a bad request names its field"() {
    const request = { ...ask("Hello"), max_tokens: 0 };
    const error = await expectError(() => completions.create(request), OpenAI.BadRequestError);
    assert.equal(error.param, "max_tokens");
    assert.ok(error.code && error.requestID);
  },

  async "what the provider refuses is a bad request with its code"() {
    const request = { ...ask("Hello"), response_format: { type: "yaml" } };
    const error = await expectError(() => completions.create(request), OpenAI.BadRequestError);
    assert.equal(error.code, "invalid_value");
  },

  async "an unknown model is not found"() {
    const request = { ...ask("Hello"), model: "goose-1" };
    const error = await expectError(() => completions.create(request), OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
  },

  async "eight streams run at once"() {
    const numbers = [...Array(8).keys()];
    const streams = await Promise.all(numbers.map((number) => collect(ask(`Hello ${number}`))));
    streams.forEach((chunks, number) => assert.ok(joined(chunks).includes(`"Hello ${number}"`)));
  },

  async "a stream left early does not disturb the next request"() {
    const stream = await completions.create({ ...ask("Hello"), stream: true });
    for await (const _ of stream) {
      break;
    }
    assert.equal((await completions.create(ask("Hello"))).choices[0].finish_reason, "stop");
  },

  async "a stream is in the audit trail of its user"() {
    await collect({ ...ask("Hello"), user });
    const [record] = await records(`user_id=${user}`, (found) => found.length > 0);
    assert.equal(record.status, 200);
    assert.equal(record.error, null);
    assert.equal(typeof record.time_to_first_token_ms, "number");
    assert.equal(record.message_preview, "Hello");
  },
};

const faults = {
  async "a throttling provider is a rate limit"() {
    const since = now();
    const error = await expectError(() => completions.create(ask("Hello", faulty.throttled)), OpenAI.RateLimitError);
    assert.equal(error.type, "rate_limit_error");
    assert.ok(Number(error.headers.get("retry-after")) >= 1);
    assert.equal((await recordOf(faulty.throttled, since)).attempts, 1);
  },

  async "an unavailable provider is reported after one request"() {
    const request = ask("Hello", faulty.unavailable);
    const error = await expectUnavailable(() => completions.create(request), OpenAI.InternalServerError);
    assert.equal(error.status, 503);
    await expectUnavailable(() => collect(request), OpenAI.InternalServerError);
  },

  async "a refused key is the operators fault"() {
    const error = await expectError(() => collect(ask("Hello", faulty.badKey)), OpenAI.InternalServerError);
    assert.equal(error.status, 502);
  },

  async "a cut stream raises after its first tokens"() {
    const seen = [];
    const since = now();
    await expectError(() => collect(ask("Hello", faulty.cutStream), seen), OpenAI.APIError);
    assert.ok(joined(seen));
    assert.equal((await recordOf(faulty.cutStream, since)).error, "model-cut");
  },

  async "a stream that is left is ended"() {
    await expectCancelled(async () => {
      const stream = await completions.create({ ...ask("Hello", faulty.slowStream), stream: true });
      for await (const chunk of stream) {
        if (textOf(chunk)) {
          stream.controller.abort();
        }
      }
    });
  },

  async "the next request is served"() {
    assert.ok(joined(await collect(ask("Hello", faulty.goodStream))));
  },
};

await run("openai-node", { whole, faults });
