// 100,000 records of 30 days, whose texts, tokens and costs fit each other.

const RECORDS = 100_000;
const DAY = 86_400_000;

/** Prices are nano-dollars per token, as Skein's own table has them. */
export const MODELS = [
  { id: "gpt-6-luna", weight: 70, input: 100, cached: 10, output: 500 },
  { id: "claude-sonnet-5", weight: 20, input: 2000, cached: 200, output: 10_000 },
  { id: "llama3.2", weight: 10, input: null },
];
const USERS = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];
const IDENTITIES = ["web-app", "batch", "support-desk"];
const CHATS = ["/chat", "/chat", "/chat", "/v1/chat/completions"];
const PREVIEW = 100; // characters
const ERRORS = [
  [429, "model-rate-limited"],
  [503, "model-unavailable"],
  [504, "model-timed-out"],
  [502, "model-cut"],
];

export const ANSWERS = {
  "What is a skein of geese?":
    "A skein is a flight of geese in the shape of a V. Each bird flies in the upwash of the one ahead, which saves strength, and the leader changes often. On the ground the same birds are a gaggle.",
  "And why does the leader change?":
    "The bird at the front has no upwash to fly in, so it tires first. It falls back into the line, where flying is easier, and another one takes its place.",
};

/** What the records are of. A text goes on after its preview; an answer goes on as long as its tokens. */
const EXCHANGES = [
  { routes: CHATS, message: "What is a skein of geese?", answer: ANSWERS["What is a skein of geese?"] },
  {
    routes: CHATS,
    message: "Draft a reply to the customer who asks about the invoice of October.",
    answer: "Thank you for your message. We sent the invoice of October on the third, and you find a copy of it below. It is due within 30 days.",
  },
  {
    routes: CHATS,
    message: "Why does the cold start take longer with an empty cache?",
    answer: "With an empty cache the runtime reads, links and verifies every class anew. A filled cache has them ready in a file that is only mapped.",
  },
  {
    routes: CHATS,
    message: "Translate the release notes into French. Replies now stream on every route, and each reply says what it cost, also",
    answer: "Les réponses sont désormais diffusées en continu sur toutes les routes, et chacune indique ce qu'elle a coûté, y compris",
    isLong: true,
  },
  {
    routes: ["/summaries"],
    message: "At 02:14 the database failed over to its replica. Requests timed out for 40 seconds, and were then served again by",
    answer: "A failover of the database at 02:14 made requests time out for 40 seconds; the replica has served them since, and nothing was lost.",
    isLong: true,
  },
  {
    routes: ["/analyze"],
    message: "The new release is excellent. The team is happy with the charts, and above all with the search, which is at last fast",
    answer: '{"sentiment":"positive","topics":["release","charts","search"],"summary":"The team praises the new release, its charts and its fast search."}',
    isLong: true,
  },
];

let seed = 20261128;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];
function hex(length) {
  let digits = "";
  while (digits.length < length) {
    digits += Math.floor(random() * 2 ** 32).toString(16).padStart(8, "0");
  }
  return digits.slice(0, length);
}
export const uuid = () => [8, 4, 4, 4, 12].map(hex).join("-");

function pickModel() {
  let left = random() * 100;
  return MODELS.find((model) => (left -= model.weight) < 0) ?? MODELS[0];
}

/** Exact dollars of a number of nano-dollars. */
export function dollars(nano) {
  const text = String(nano).padStart(10, "0");
  return `${text.slice(0, -9)}.${text.slice(-9)}`.replace(/\.?0+$/, "") || "0";
}

/** Tokens of a text, as a rule of thumb has them. */
export const tokensOf = (text) => Math.ceil(text.length / 4);

/** The cost in exact dollars; null if the model has no price. */
const costOf = (model, prompt, cached, completion) =>
  model.input === null ? null : dollars((prompt - cached) * model.input + cached * model.cached + completion * model.output);

/** A text as a record has it: of one that is longer than its preview, the hash too. */
const kept = (name, text, length = text.length) => ({
  [`${name}_preview`]: text.slice(0, PREVIEW),
  [`${name}_length`]: length,
  [`${name}_sha256`]: length > PREVIEW ? hex(64) : null,
});

/** What a record has of a reply that arrived whole. */
export function billed(model, prompt, cached, completion) {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    cached_tokens: cached,
    cost_usd: costOf(model, prompt, cached, completion),
  };
}

const NOT_BILLED = { prompt_tokens: null, completion_tokens: null, total_tokens: null, cached_tokens: null, cost_usd: null };

function record(at) {
  const model = pickModel();
  const { routes, message, answer, isLong } = pick(EXCHANGES);
  const [status, error] = random() < 0.03 ? pick(ERRORS) : [200, null];
  const messageLength = message.length + (isLong ? 200 + Math.floor(random() ** 3 * 8000) : 0);
  const prompt = 20 + Math.ceil(messageLength / 4) + Math.floor(random() ** 3 * 1500); // with the turns before it
  const cached = prompt < 1024 ? 0 : 128 * Math.floor((prompt * 0.4) / 128);
  const completion = tokensOf(answer) + Math.floor(random() ** 2 * 700);
  const firstToken = Math.round(120 + random() ** 3 * 900);
  const generation = Math.round(60 + completion * 4 + random() ** 4 * 6000);
  const failover = model !== MODELS[0] && random() < 0.06;
  const endpoint = pick(routes);
  const streamed = CHATS.includes(endpoint) && random() < 0.75;
  return {
    schema_version: 1,
    audit_id: uuid(),
    timestamp: new Date(at).toISOString(),
    phase: random() < 0.001 ? "intent" : "completed",
    request_id: uuid(),
    trace_id: `1-${Math.floor(at / 1000).toString(16)}-${hex(24)}`,
    endpoint,
    user_id: pick(USERS),
    identity: pick(IDENTITIES),
    requested_model: failover ? MODELS[0].id : model.id,
    model: model.id,
    ...kept("message", message, messageLength),
    content_salt: hex(32),
    ...(error ? kept("response", "") : kept("response", answer, completion * 4)),
    finish_reason: error ? null : "stop",
    ...(error ? NOT_BILLED : billed(model, prompt, cached, completion)),
    reasoning_tokens: null,
    calls: { total: 1, ok: error ? 0 : 1, failed: error ? 1 : 0 },
    attempts: failover ? 2 : 1,
    tried: [...(failover ? [{ model: MODELS[0].id, result: "model-unavailable", count: 1 }] : []), { model: model.id, result: error ?? "ok", count: 1 }],
    provider_request_ids: [`req_${hex(16)}`],
    tool_calls: [],
    latency_ms: firstToken + generation,
    status,
    error,
    truncated: false,
    ...(streamed ? { time_to_first_token_ms: error ? null : firstToken, tokens_per_second: error ? null : Math.round((completion * 10_000) / generation) / 10 } : {}),
  };
}

/** The record of a chat with the first model. */
export function recordOf({ message, answer, usage, ...fields }) {
  const whole = { phase: "completed", status: 200, error: null, finish_reason: "stop", identity: "local", calls: { total: 1, ok: 1, failed: 0 }, attempts: 1 };
  const model = MODELS[0].id;
  const tried = [{ model, result: "ok", count: 1 }];
  return { ...record(Date.now()), ...whole, ...usage, ...kept("message", message), ...kept("response", answer), requested_model: model, model, tried, ...fields };
}

/** Newest first, with more of them by day than by night. */
export function records(now) {
  const all = [];
  for (let i = 0; all.length < RECORDS; i++) {
    const at = now - 5_000 - Math.floor((i * 30 * DAY) / (RECORDS * 1.9));
    const hour = new Date(at).getUTCHours() + new Date(at).getUTCMinutes() / 60;
    if (random() < 0.53 + 0.42 * Math.sin(((hour - 8) / 24) * 2 * Math.PI)) {
      all.push(record(at));
    }
  }
  return all;
}

/** A completed record of now, for a test that changes some of its fields. */
export const newRecord = () => ({ ...record(Date.now()), phase: "completed" });
