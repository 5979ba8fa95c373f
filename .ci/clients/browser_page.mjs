// What a page can do and read, which calls the service directly. It runs in the browser.

const parameters = Object.fromEntries(new URLSearchParams(location.search));
const { page, root, key, throttled } = parameters;
const checks = [];

async function check(what, test) {
  try {
    const found = await test();
    checks.push({ what, ok: found === true, found: String(found) });
  } catch (error) {
    checks.push({ what, ok: false, found: `${error?.name}: ${error?.message}` });
  }
}

function call(path, body, headers = { authorization: `Bearer ${key}` }) {
  return fetch(root + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

const chat = (more = {}) => ({ message: "What is a skein of geese?", user_id: `${page}-page`, ...more });

/** Whether the response has this status and code, and its words, ID and headers can be read. */
async function isError(response, status, code) {
  const body = await response.json();
  const found = body.error?.code ?? body.type;
  return (
    (response.status === status &&
      found === code &&
      (body.detail ?? body.error.message).length > 20 &&
      (response.headers.get("x-request-id") ?? "").length > 10) ||
    `${response.status} ${JSON.stringify(body)}`
  );
}

async function isBlocked(response) {
  try {
    return `it can read a ${(await response).status}`;
  } catch (error) {
    return error instanceof TypeError || String(error);
  }
}

async function allowed() {
  await check("a whole reply of /chat can be read, with its headers", async () => {
    const response = await call("/chat", chat());
    const { response: text } = await response.json();
    return response.status === 200 && text.length > 0 && response.headers.get("x-skein-audit-id") !== null;
  });
  await check("a stream of /chat can be read to its end", async () => {
    const response = await call("/chat", chat({ stream: true }));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += next.value;
    }
    // Not by the number of reads: on a busy machine the browser gets several events at once.
    const deltas = text.split("event: delta").length - 1;
    return (text.includes("event: done") && deltas > 1) || text;
  });

  const { default: OpenAI } = await import("/openai/index.mjs");
  const client = (apiKey) =>
    new OpenAI({ baseURL: `${root}/v1`, apiKey, maxRetries: 0, dangerouslyAllowBrowser: true });
  const openai = client(key);
  let model;
  await check("OpenAI's client lists the models", async () => {
    model = (await openai.models.list()).data[0].id;
    return model.length > 0;
  });
  const messages = [{ role: "user", content: "What is a skein of geese?" }];
  await check("OpenAI's client gets a completion", async () => {
    const completion = await openai.chat.completions.create({ model, messages });
    return completion.choices[0].message.content.length > 0;
  });
  await check("OpenAI's client gets a stream", async () => {
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0]?.delta?.content ?? "";
    }
    return text.length > 0;
  });
  await check("OpenAI's client reads a 401", async () => {
    const error = await client("sk-skein-not-a-key-of-this-stack").models.list().catch((it) => it);
    return (error instanceof OpenAI.AuthenticationError && error.code === "invalid_api_key") || String(error);
  });

  await check("a 401 without a key can be read", async () => isError(await call("/chat", chat(), {}), 401, "invalid_api_key"));
  await check("a 401 of another scheme can be read", async () =>
    isError(await call("/v1/models", undefined, { authorization: `Basic ${key}` }), 401, "invalid_api_key"));
  await check("a 404 of API Gateway can be read", async () => isError(await call("/nowhere", undefined, {}), 404, "not_found"));
  await check("a 422 can be read", async () => isError(await call("/chat", {}), 422, "urn:skein:problem:invalid-request"));
  await check("a 429 can be read, with Retry-After", async () => {
    for (let i = 0; i < 12; i++) {
      const response = await call("/v1/models", undefined, { authorization: `Bearer ${throttled}` });
      if (response.status === 429) {
        return response.headers.get("retry-after") === "1" && isError(response, 429, "throttled");
      }
    }
    return "it is never throttled";
  });
}

async function other() {
  const bearer = { authorization: `Bearer ${key}` };
  await check("another origin's whole request is blocked", () => isBlocked(call("/chat", chat())));
  await check("another origin's stream is blocked", () => isBlocked(call("/chat", chat({ stream: true }))));
  await check("another origin's OpenAI request is blocked", () =>
    isBlocked(call("/v1/chat/completions", { messages: [{ role: "user", content: "x" }], user: "other-page" })));
  await check("another origin's GET is blocked", () => isBlocked(call("/v1/models", undefined, bearer)));
}

await (page === "allowed" ? allowed() : other());
await fetch("/checks", { method: "POST", body: JSON.stringify(checks) });
