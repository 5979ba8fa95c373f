// What the checks of the Node clients share. Each client's file is run as
//
//     CLIENT_client.mjs whole|faults ROOT_URL
//
// whole:  against the stand-in model.
// faults: against a model that fails: a request meets the fault that its model names.
//
// The packages are found in the folder that CLIENT_PACKAGES names.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const [kind, root] = process.argv.slice(2);
export const baseURL = `${root}/v1`;
export const apiKey = "local";
export const require = createRequire(resolve(process.env.CLIENT_PACKAGES, "clients.cjs"));
const { z } = require("zod");

// The faults that the checks ask for, by the names of docs/model-faults.md. `run` starts the stack with them.
export const faulty = {
  throttled: "retry-after-beyond-the-deadline",
  unavailable: "status-503",
  badKey: "bad-key",
  cutStream: "no-sign-reset",
  slowStream: "dripping-tokens", // for 18 seconds
  goodStream: "stream-whole",
};

const skeinsAttempts = 3;

const get = async (path) => (await fetch(`${root}${path}`)).json();

// The default model is the first of those that may be requested.
export const model = (await get("/v1/models")).data[0].id;

// What a client asks for where it asks for structured output.
export const Goose = z.object({
  name: z.string(),
  age: z.number().int().min(1),
  weight: z.number().gt(0).lt(20),
  mood: z.enum(["calm", "wild"]),
  ring: z.string().regex(/^[A-Z]{2}\d{3}$/),
  mail: z.email(),
  leader: z.object({ name: z.string() }).nullable(),
  sightings: z.array(z.object({ place: z.string().min(6) })).min(2),
});

export const callBoth = "Please call get_weather and get_time.";

// How the stand-in's reply to /v1/completions begins. Its replies to chats do not.
export const continuation = /and so on/;

export const embeddingModels = ["text-embedding-3-small", "text-embedding-ada-002"];

// The first two are alike.
export const texts = ["a skein of geese", "two skeins of geese", "rain"];

/** The vectors of the texts, in their order. */
export function expectVectors(vectors) {
  assert.deepEqual(vectors.map((vector) => vector.length), texts.map(() => 1536));
  const [near, far] = vectors.slice(1).map((other) => other.reduce((sum, it, i) => sum + it * vectors[0][i], 0));
  assert.ok(near > 0.6 && far < 0.6, `${near}, ${far}`);
}

export const now = () => new Date().toISOString();

/** The completed records of a query, once there are enough of them; they take a moment to be stored. */
export async function records(query, enough) {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    const found = (await get(`/audit?limit=100&${query}`)).records.filter((it) => it.phase === "completed");
    if (enough(found)) {
      return found;
    }
    await sleep(200);
  }
  assert.fail(`the audit trail has no such record: ${query}`);
}

/** The completed records of a model since then, once there are so many of them. */
async function recordsOf(model, since, least = 1) {
  const ofModel = (found) => found.filter((it) => it.model === model);
  return ofModel(await records(`from=${since}`, (found) => ofModel(found).length >= least));
}

export async function recordOf(model, since) {
  const found = await recordsOf(model, since);
  assert.equal(found.length, 1);
  return found[0];
}

export async function expectError(call, type = Error) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof type, `${error?.constructor?.name} instead of ${type.name}: ${error}`);
    return error;
  }
  assert.fail(`no ${type.name} was thrown`);
}

/**
 * The client reports that the provider is unavailable.
 *
 * requests: how many the client makes in spite of `x-should-retry: false`
 */
export async function expectUnavailable(call, type, requests = 1) {
  const since = now();
  const error = await expectError(call, type);
  await recordsOf(faulty.unavailable, since, requests);
  await sleep(1000); // for more of them
  const attempts = (await recordsOf(faulty.unavailable, since)).map((it) => it.attempts);
  assert.deepEqual(attempts, Array(requests).fill(skeinsAttempts));
  return error;
}

/** The call leaves a stream after its first text, which ends the provider's call. */
export async function expectCancelled(call) {
  const since = now();
  await call();
  assert.equal((await recordOf(faulty.slowStream, since)).error, "caller-disconnected");
}

/** Runs the checks, which are named functions; prints a line for each, and exits 1 if one fails. */
export async function run(client, checks) {
  let failed = 0;
  for (const [name, check] of Object.entries(checks[kind])) {
    try {
      await check();
      console.log(`ok      ${client.padEnd(14)}${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${client.padEnd(14)}${name}\n${error.stack}\n`);
    }
  }
  process.exit(failed ? 1 : 0);
}
