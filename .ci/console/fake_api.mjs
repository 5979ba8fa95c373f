// An API that answers as a deployed stack does, with 100,000 records of 30 days: what a browser shows of them can be
// timed, and compared from run to run. A chat's reply is one of ANSWERS, or the message itself, so that a page shows the
// same text as sent, received and recorded.

import { createServer } from "node:http";
import { ANSWERS, billed, dollars, MODELS, recordOf, records, tokensOf, uuid } from "./fake_records.mjs";

const DAY = 86_400_000;
const PAGE = 100;
const LISTED = 50; // models and users
const HISTOGRAMS = 100;
const WORD_MS = 15;

const FILTERS = ["user_id", "identity", "model", "status", "error", "request_id"];

/** As a user, all records: but a request of their sums reads ten days only, and of the second one no more comes. */
const [SLOW, STUCK] = ["slow", "stuck"];
const ALL = [SLOW, STUCK];
const READ = 10 * DAY;

function select(all, query) {
  const from = query.get("from") ?? "";
  const to = query.get("to") ?? "9";
  const filters = FILTERS.filter((name) => query.has(name) && !ALL.includes(query.get(name))).map((name) => [name, query.get(name)]);
  return all.filter(
    (it) =>
      it.timestamp >= from &&
      it.timestamp < to &&
      (query.get("phase") !== "incomplete" || it.phase === "intent") &&
      filters.every(([name, value]) => String(it[name]) === value),
  );
}

function quantiles(values) {
  const sorted = Float64Array.from(values).sort();
  const at = (percent) => sorted[Math.max(Math.ceil((percent * sorted.length) / 100) - 1, 0)];
  const histogram = [...grouped([...sorted], (it) => it)].map(([ms, its]) => [ms, its.length]);
  return sorted.length === 0 ? { p50: null, p95: null, histogram } : { p50: at(50), p95: at(95), histogram };
}

function grouped(list, key) {
  const groups = new Map();
  for (const it of list) {
    const name = key(it);
    groups.has(name) ? groups.get(name).push(it) : groups.set(name, [it]);
  }
  return groups;
}

const nanoOf = (text) => Math.round(Number(text) * 1e9);

function sums(list) {
  const completed = list.filter((it) => it.phase === "completed");
  const sum = (name) => (completed.some((it) => it[name] !== null) ? completed.reduce((total, it) => total + (it[name] ?? 0), 0) : null);
  const costs = completed.filter((it) => it.cost_usd !== null);
  return {
    records: list.length,
    errors: completed.filter((it) => it.error !== null).length,
    incomplete: list.length - completed.length,
    failovers: completed.filter((it) => it.tried.length > 1).length,
    prompt_tokens: sum("prompt_tokens"),
    completion_tokens: sum("completion_tokens"),
    total_tokens: sum("total_tokens"),
    records_without_tokens: completed.filter((it) => it.total_tokens === null).length,
    cost_usd: costs.length === 0 ? null : dollars(costs.reduce((total, it) => total + nanoOf(it.cost_usd), 0)),
    records_without_cost: list.length - costs.length,
    discarded_cost_usd: null,
    records_with_unknown_discarded_cost: completed.filter((it) => it.error === "model-cut").length,
    latency_ms: quantiles(completed.map((it) => it.latency_ms)),
    time_to_first_token_ms: quantiles(completed.map((it) => it.time_to_first_token_ms).filter((it) => typeof it === "number")),
  };
}

/** Null if it has more histograms than the reader returns. */
function summary(all, query) {
  const to = query.get("to") ?? new Date().toISOString();
  const from = query.get("from") ?? all.at(-1)?.timestamp ?? to;
  const end = new Date(Date.parse(from) + READ).toISOString();
  const complete = !ALL.includes(query.get("user_id")) || end >= to;
  const list = select(all, query).filter((it) => complete || it.timestamp < end);
  const span = (Date.parse(to) - Date.parse(from)) / 1000;
  const interval = Number(query.get("interval")) || ([60, 300, 900, 3600, 21600, 86400, 604800].find((it) => span / it <= 60) ?? 2678400);
  const buckets = grouped(list, (it) => Math.floor(Date.parse(it.timestamp) / 1000 / interval) * interval);
  const first = Math.floor(Date.parse(from) / 1000 / interval) * interval;
  const starts = Array.from({ length: Math.ceil((Date.parse(to) / 1000 - first) / interval) }, (_, i) => first + i * interval);
  if (query.has("histograms") && starts.length > HISTOGRAMS) {
    return null;
  }
  const ranked = (name) => [...grouped(list, (it) => it[name])].map(([value, its]) => ({ [name]: value, ...sums(its) })).sort((a, b) => b.records - a.records);
  const models = ranked("model");
  const users = ranked("user_id");
  const others = (ranking) => (ranking.length > LISTED ? { ...ranking[LISTED], records: ranking.slice(LISTED).length } : null);
  return {
    from,
    to,
    interval_s: interval,
    totals: sums(list),
    buckets: starts.map((start) => ({ start: new Date(start * 1000).toISOString(), ...sums(buckets.get(start) ?? []) })),
    models: models.slice(0, LISTED),
    other_models: others(models),
    users: users.slice(0, LISTED),
    other_users: others(users),
    complete,
    next_from: complete ? null : end,
  };
}

const pause = (ms) => new Promise((later) => setTimeout(later, ms));

/** Starts it on 127.0.0.1. Its `state` can be looked at and changed. */
export function startFakeApi(port) {
  const all = records(Date.now());
  const seen = [];
  const state = { all, seen, breakExport: false, lastChatEnded: null };

  const json = (response, status, body, headers = {}) => {
    response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", ...headers });
    response.end(JSON.stringify(body));
  };

  async function exported(response, list, csv) {
    response.writeHead(200, { "content-type": csv ? "text/csv" : "application/jsonl" });
    if (csv) {
      response.write("audit_id,user_id\r\n");
    }
    for (let i = 0; i < list.length; i += 1000) {
      const part = list.slice(i, i + 1000);
      const text = part.map((it) => (csv ? `${it.audit_id},${it.user_id}\r\n` : `${JSON.stringify(it)}\n`)).join("");
      if (!response.write(text)) {
        await new Promise((drained) => response.once("drain", drained));
      }
      if (state.breakExport) {
        response.destroy();
        return;
      }
    }
    response.end();
  }

  async function chat(response, body) {
    const { message, stream, user_id: user = "anonymous" } = body;
    const id = uuid();
    const headers = { "x-request-id": id, "x-skein-audit-id": uuid() };
    if (message.startsWith("problem: ")) {
      const text = message.slice("problem: ".length);
      const problem = {
        type: `urn:skein:problem:${text}`, title: text, status: 429, detail: text, instance: `urn:skein:request:${text}`, code: text,
        errors: [{ pointer: text, detail: text }],
      };
      json(response, 429, problem, { ...headers, "retry-after": "7", "x-skein-attempts": "3", "x-skein-tried": "gpt-6-luna model-rate-limited x3" });
      return;
    }
    const answer = Object.hasOwn(ANSWERS, message) ? ANSWERS[message] : message;
    const usage = billed(MODELS[0], tokensOf(message) + 4, 0, tokensOf(answer));
    const { cost_usd: cost, ...tokens } = usage;
    const end = { model: MODELS[0].id, finish_reason: "stop", truncated: false, usage: tokens, cost_usd: cost, request_id: id, audit_id: headers["x-skein-audit-id"] };
    all.unshift(recordOf({ message, answer, usage, endpoint: "/chat", request_id: id, audit_id: end.audit_id, user_id: user }));
    if (!stream) {
      json(response, 200, { response: answer, ...end }, { ...headers, "x-skein-attempts": "1", "x-skein-tried": "gpt-6-luna ok", "x-skein-cost-usd": cost });
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    const event = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    let gone = false;
    response.on("close", () => (gone = true));
    await pause(180);
    for (const [i, word] of answer.split(/(?<= )/).entries()) {
      event("delta", { text: word });
      await pause(WORD_MS);
      if (gone) {
        state.lastChatEnded = i;
        return;
      }
      if (word === "CUT ") {
        response.destroy();
        return;
      }
    }
    event("done", end);
    response.end();
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://fake");
    let text = "";
    for await (const piece of request) {
      text += piece;
    }
    seen.push({ method: request.method, path: url.pathname, headers: request.headers });
    const body = text ? JSON.parse(text) : {};
    if (url.pathname === "/v1/models") {
      json(response, 200, { object: "list", data: MODELS.map(({ id }) => ({ id, object: "model", created: 0, owned_by: "skein" })) });
    } else if (url.pathname === "/audit/summary") {
      const isNext = url.searchParams.has("interval");
      if (!(isNext && url.searchParams.get("user_id") === STUCK)) {
        const found = summary(all, url.searchParams);
        json(response, found ? 200 : 422, found ?? { title: "Invalid request", status: 422, detail: `More than ${HISTOGRAMS} buckets.` });
      }
    } else if (url.pathname === "/audit" && url.searchParams.has("content")) {
      const found = all.find((it) => it.audit_id === url.searchParams.get("audit_id"));
      json(response, 200, { records: [found], content: { message: found.message_preview, response: found.response_preview, omitted: [] } });
    } else if (url.pathname === "/audit" && request.headers.accept !== "application/json") {
      await exported(response, select(all, url.searchParams), request.headers.accept === "text/csv");
    } else if (url.pathname === "/audit") {
      const list = select(all, url.searchParams);
      const start = Number(url.searchParams.get("cursor") ?? 0);
      const limit = Math.min(Number(url.searchParams.get("limit") ?? 20), PAGE);
      const page = list.slice(start, start + limit);
      json(response, 200, { records: page, summary: sums(page), next_cursor: start + limit < list.length ? String(start + limit) : null });
    } else if (url.pathname === "/chat") {
      await chat(response, body);
    } else if (url.pathname === "/analyze") {
      json(response, 200, {
        sentiment: "positive", topics: [body.text, "trail", "release"], summary: body.text, errors: {}, truncated: [],
        usage: { prompt_tokens: 141, completion_tokens: 23, total_tokens: 164 }, cost_usd: null, request_id: uuid(), audit_id: uuid(),
      });
    } else if (url.pathname === "/summaries") {
      const results = body.texts.map((it, i) => (i === 1 ? { text: it, summary: null, error: { type: "x", detail: it } } : { text: it, summary: it, error: null }));
      json(response, 200, { results, truncated: [], usage: null, cost_usd: "0.00001", request_id: uuid(), audit_id: uuid() });
    } else {
      json(response, 404, { type: "urn:skein:problem:not-found", title: "Not found", status: 404, detail: "There is no such route." });
    }
  });
  return new Promise((started) => server.listen(port, "127.0.0.1", () => started({ state, close: () => {
    server.close();
    server.closeAllConnections();
  } })));
}
