// OpenAI's Node client against a local stack that checks API keys: the stack's URL is the argument.

import { createRequire } from "node:module";
import { resolve } from "node:path";

const require = createRequire(resolve(process.env.CLIENT_PACKAGES, "clients.cjs"));
const OpenAI = require("openai");

const client = (apiKey, options = {}) => new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey, ...options });
let failed = 0;

function check(what, condition) {
  failed += condition ? 0 : 1;
  console.log(`${(condition ? "ok" : "FAILED").padEnd(7)} node_keys     ${what}`);
}

async function error(of, times = 1) {
  try {
    for (let i = 0; i < times; i++) {
      await of.models.list();
    }
  } catch (e) {
    return e;
  }
  return undefined;
}

const right = process.env.NODE_KEY;
check("the right key is served", (await client(right).models.list()).data.length > 0);
const wrong = await error(client("sk-skein-not-a-key-of-this-stack"));
check("a wrong key is an AuthenticationError", wrong instanceof OpenAI.AuthenticationError);
check("its code is OpenAI's", wrong?.code === "invalid_api_key");
// At once: one after another, they could take so long that none is too much.
const impatient = client(right, { maxRetries: 0 });
const errors = await Promise.all(Array.from({ length: 11 }, () => error(impatient)));
const throttled = errors.find((e) => e !== undefined);
check("too many requests at once are a RateLimitError", throttled instanceof OpenAI.RateLimitError);
check("it is throttled", throttled?.code === "throttled");
const usedUp = await error(client(process.env.NODE_QUOTA_KEY, { maxRetries: 5 }), 13);
check("a used-up quota is a RateLimitError", usedUp instanceof OpenAI.RateLimitError);
check("its code says so", usedUp?.code === "insufficient_quota");
process.exit(failed ? 1 : 0);
