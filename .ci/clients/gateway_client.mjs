// What OpenAI's Node client sends as its key, and what it makes of API Gateway's response to a wrong one.
// Needs no stack: the responses come from a server in this process.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const OpenAI = createRequire(`${process.env.CLIENT_PACKAGES}/`)("openai");
const apiKey = "sk-skein-0123456789012345678901234567890123456789";
const template = readFileSync("template.yaml", "utf-8");
const bodyOf = (name) => template.match(new RegExp(`^        ${name}:(?:.*\n)*?            application/json: '(.*)'$`, "m"))[1];
const received = [];
let failed = 0;

const server = createServer((request, response) => {
  const names = request.rawHeaders.filter((_, i) => i % 2 === 0 && request.rawHeaders[i].toLowerCase() === "authorization");
  received.push([names.length, request.headers.authorization]);
  const wrong = request.url.startsWith("/wrong");
  response.writeHead(wrong ? 401 : 200, { "content-type": wrong ? "application/problem+json" : "application/json" });
  response.end(wrong ? bodyOf("INVALID_API_KEY") : '{"object":"list","data":[]}');
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const client = (path) => new OpenAI({ baseURL: `http://127.0.0.1:${server.address().port}${path}/v1`, apiKey });

function check(what, condition) {
  failed += condition ? 0 : 1;
  console.log(`${condition ? "ok" : "FAILED"} openai_node_gateway: ${what}`);
}

await client("").models.list();
check("the key is sent as Authorization: Bearer KEY, once", JSON.stringify(received) === JSON.stringify([[1, `Bearer ${apiKey}`]]));
const error = await client("/wrong").models.list().catch((e) => e);
check("a wrong key is an AuthenticationError with the code invalid_api_key, after one request",
  error instanceof OpenAI.AuthenticationError && error.code === "invalid_api_key" && received.length === 2 &&
  !error.message.includes(apiKey));
server.close();
process.exit(failed ? 1 : 0);
