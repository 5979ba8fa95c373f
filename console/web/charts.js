// The charts view. All figures are the reader's sums: no records are loaded, however many there are.

import { asProblem, callJson, query } from "./api.js";
import { byId, element, fill, values } from "./dom.js";
import { compact, count, counted, drawn, dollars, duration, minute, partial, roundedDollars, share } from "./format.js";
import { problemCard } from "./problem.js";
import { axisCount, axisDuration, chart, clearPlots } from "./plot.js";
import { fromAndTo, setUpRange } from "./range.js";
import { addSummaries } from "./sums.js";

const form = byId("charts-filters");
const status = byId("charts-status");
const body = byId("charts-body");
let updateRange;
let loading = null;

export function setUpCharts() {
  updateRange = setUpRange(form, false, "24h");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const hash = `#/charts${query(values(form))}`;
    if (hash === location.hash) {
      showCharts(values(form));
    } else {
      location.hash = hash;
    }
  });
  byId("charts-stop").addEventListener("click", hideCharts);
}

/** Ends what is loading: each request reads the table, and nobody looks. */
export function hideCharts() {
  loading?.abort();
}

/** Shows the sums of the records that have these values of the form's fields. */
export function showCharts(parameters) {
  fill(form, parameters);
  updateRange();
  const { range: _, from: __, to: ___, ...filters } = values(form);
  loading?.abort();
  let times;
  try {
    times = fromAndTo(values(form));
  } catch (error) {
    loading = null;
    end(null);
    byId("charts-problem").replaceChildren(problemCard(error));
    return;
  }
  load({ ...filters, ...times });
}

/** The reader returns them for 100 buckets, of at most 31 days. One of a range may have its beginning before it. */
const hasHistograms = ({ from, to }) => !from || Date.parse(to ?? new Date().toISOString()) - Date.parse(from) <= 99 * 31 * 86_400_000;

/** One request ends after some time, and the next goes on: what was read so far is shown. */
async function load(parameters) {
  loading?.abort();
  const controller = new AbortController();
  loading = controller;
  status.textContent = "Loading sums …";
  byId("charts-problem").replaceChildren();
  let summary = null;
  let next = { ...parameters, histograms: hasHistograms(parameters) };
  try {
    do {
      const reply = await callJson(`/audit/summary${query(next)}`, { signal: controller.signal });
      summary = summary ? addSummaries(summary, reply) : reply;
      next = { ...next, from: reply.next_from, to: reply.to, interval: reply.interval_s };
      show(summary);
      byId("charts-stop").hidden = summary.complete;
      status.textContent = summary.complete ? "" : `${count(summary.totals.records)} requests up to ${minute(summary.next_from)}, and reading on …`;
    } while (!summary.complete);
  } catch (error) {
    if (loading !== controller) {
      return; // by another one
    }
    end(summary);
    if (error.name !== "AbortError") {
      byId("charts-problem").replaceChildren(problemCard(asProblem(error), () => load(parameters)));
    }
  }
}

/** Shows that no more will come than these sums; null if there are none. */
function end(summary) {
  byId("charts-stop").hidden = true;
  status.textContent = summary ? `These sums are not complete: they end at ${minute(summary.next_from)}.` : "";
  if (!summary) {
    clearPlots();
    body.replaceChildren();
    byId("charts-range").textContent = "";
  }
}

function show(summary) {
  clearPlots();
  byId("charts-range").textContent = `${minute(summary.from)} to ${minute(summary.to)}`;
  if (summary.totals.records === 0 && summary.complete) {
    body.replaceChildren(
      element("div", { class: "empty" }, element("h2", {}, "No requests in this time"), element("p", {}, "Choose another time, or send a message in the chat.")),
    );
    return;
  }
  // What was not read is not zero.
  const read = summary.complete ? summary.buckets : summary.buckets.filter((bucket) => bucket.start < summary.next_from);
  const figures = charts({ ...summary, buckets: read });
  body.replaceChildren(
    tiles(summary.totals),
    element("div", { class: "charts" }, figures),
    element("div", { class: "charts" }, ranking("By model", "Model", rows(summary, "models", "model")), ranking("By user", "User", rows(summary, "users", "user_id"))),
  );
  figures.forEach((figure) => figure.draw());
}

function tiles(totals) {
  const tile = (name, value, note, title = null) =>
    element("div", { class: "tile" }, element("dt", {}, name), element("dd", { title }, value, element("small", {}, note)));
  const quantiles = (it) => (it.p50 === null ? ["none", ""] : [duration(it.p50), `p95 ${duration(it.p95)}`]);
  const discarded = totals.discarded_cost_usd;
  const costNote = [
    totals.records_without_cost > 0 ? `${counted(totals.records_without_cost, "request")} unknown` : "",
    discarded ? `and ${roundedDollars(discarded.low)} to ${roundedDollars(discarded.high)} discarded` : "",
    totals.records_with_unknown_discarded_cost > 0 ? `discarded cost of ${counted(totals.records_with_unknown_discarded_cost, "request")} unknown` : "",
  ];
  return element(
    "dl",
    { class: "tiles" },
    tile("Requests", count(totals.records), counted(totals.failovers ?? 0, "failover")),
    tile("Errors", share(totals.errors, totals.records), [counted(totals.errors, "request"), totals.incomplete > 0 ? `${count(totals.incomplete)} without a result` : ""].filter(Boolean).join(", ")),
    tile("Cost", roundedDollars(totals.cost_usd), costNote.filter(Boolean).join(", "), dollars(totals.cost_usd)),
    tile("Tokens", compact(totals.total_tokens), totals.records_without_tokens > 0 ? `${counted(totals.records_without_tokens, "request")} unknown` : "prompt and completion", count(totals.total_tokens)),
    tile("Latency, p50", ...quantiles(totals.latency_ms)),
    tile("First token, p50", ...quantiles(totals.time_to_first_token_ms)),
  );
}

const written = (ms) => (ms === null ? "none" : duration(ms));

function charts({ buckets, interval_s: interval }) {
  const of = (name) => (bucket) => bucket[name];
  const quantile = (name, p) => ({ name: p, of: (bucket) => bucket[name][p] ?? null, text: (bucket) => written(bucket[name][p]) });
  const over = { buckets, interval };
  const time = (title, name) =>
    chart({
      ...over,
      title,
      bars: false,
      format: axisDuration,
      series: [
        { ...quantile(name, "p50"), colour: "accent" },
        { ...quantile(name, "p95"), colour: "second", dash: [5, 4] },
      ],
    });
  return [
    chart({
      ...over,
      title: "Requests and errors",
      bars: true,
      format: axisCount,
      series: [
        { name: "Requests", of: of("records"), colour: "accent", text: (bucket) => count(bucket.records) },
        { name: "Errors", of: of("errors"), colour: "bad", text: (bucket) => count(bucket.errors) },
      ],
    }),
    chart({
      ...over,
      title: "Cost",
      bars: true,
      format: (value) => `$${compact(value)}`,
      series: [{ name: "Dollars", of: (bucket) => drawn(bucket.cost_usd), colour: "accent", text: (bucket) => partial(dollars(bucket.cost_usd), bucket.records_without_cost) }],
    }),
    time("Latency", "latency_ms"),
    time("Time to first token", "time_to_first_token_ms"),
    chart({
      ...over,
      title: "Tokens",
      bars: true,
      format: axisCount,
      series: [
        { name: "Total", of: of("total_tokens"), colour: "accent", text: (bucket) => partial(count(bucket.total_tokens), bucket.records_without_tokens) },
        { name: "Completion", of: of("completion_tokens"), colour: "second", text: (bucket) => partial(count(bucket.completion_tokens), bucket.records_without_tokens) },
      ],
    }),
    chart({
      ...over,
      title: "Failovers",
      bars: true,
      format: axisCount,
      series: [{ name: "Failovers", of: of("failovers"), colour: "accent", text: (bucket) => count(bucket.failovers) }],
    }),
  ];
}

/** Sums by name, and those of all names that the reader does not list. */
function rows(summary, list, key) {
  const others = summary[`other_${list}`];
  return [...summary[list].map((it) => ({ ...it, name: it[key] || "none" })), ...(others ? [{ ...others, name: "all others" }] : [])];
}

/** Sums by model or user, each with its share of all tokens as a bar. */
function ranking(title, noun, rows) {
  const most = Math.max(1, ...rows.map((row) => row.total_tokens ?? 0));
  const number = (text, hint = null) => element("td", { class: "number", title: hint }, text);
  // In a line, what a sum lacks would make the table wider than its card.
  const lines = (text) => text.split(/ (?=\+)/).map((line) => element("div", {}, line));
  const sum = (value, without, short, exact) => number(lines(partial(short(value), without)), partial(exact(value), without));
  return element(
    "section",
    { class: "card" },
    element("h2", {}, title),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
      element(
        "table",
        { class: "ranking" },
        element("caption", { class: "unseen" }, title),
        element("thead", {}, element("tr", {}, [noun, "Requests", "Errors", "Tokens", "Cost"].map((name, i) => element("th", { scope: "col", class: i > 0 ? "number" : null }, name)))),
        element(
          "tbody",
          {},
          rows.map((row) =>
            element(
              "tr",
              {},
              element("th", { scope: "row" }, element("span", { class: "name" }, row.name), bar((row.total_tokens ?? 0) / most)),
              number(count(row.records)),
              number(count(row.errors)),
              sum(row.total_tokens, row.records_without_tokens, compact, count),
              sum(row.cost_usd, row.records_without_cost, roundedDollars, dollars),
            ),
          ),
        ),
      ),
    ),
  );
}

function bar(part) {
  const filled = element("i");
  filled.style.width = `${Math.max(part * 100, 0.5)}%`;
  return element("span", { class: "bar-track", "aria-hidden": "true" }, filled);
}
