// The trail view: a page of records at a time, however many there are.

import { asProblem, call, callJson, query } from "./api.js";
import { byId, element, fill, time, values } from "./dom.js";
import { count, counted, dollars, duration, moment, partial, roundedDollars, tokens, UNKNOWN } from "./format.js";
import { download } from "./download.js";
import { problemCard } from "./problem.js";
import { fromAndTo, setUpRange } from "./range.js";
import { openRecord } from "./record.js";

const PAGE = 50;

const ERRORS = [
  "model-rejected", "model-refused", "model-out-of-tokens", "model-rate-limited", "model-cut", "model-malformed",
  "model-misconfigured", "model-unavailable", "model-timed-out", "audit-unavailable", "caller-disconnected", "internal",
];

const form = byId("trail-filters");
const status = byId("trail-status");
const paging = [byId("trail-older"), byId("trail-newer")];
const exportButtons = [byId("export-jsonl"), byId("export-csv")];
let updateRange;
/** The query of what is shown; null if the form has an invalid time. */
let filters = {};
/** The cursor of each page so far; the first page has none. */
let cursors = [""];
let next = null;
/** The controller of the request for a page; null if there is none. */
let loading = null;
let exporting = false;

export function setUpTrail() {
  updateRange = setUpRange(form, true, "");
  byId("errors").append(...ERRORS.map((name) => new Option(name, name)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const hash = `#/trail${query(values(form))}`;
    if (hash === location.hash) {
      showTrail(values(form));
    } else {
      location.hash = hash;
    }
  });
  form.addEventListener("reset", () => setTimeout(() => form.requestSubmit()));
  byId("trail-older").addEventListener("click", () => {
    cursors.push(next);
    load();
  });
  byId("trail-newer").addEventListener("click", () => {
    cursors.pop();
    load();
  });
  byId("export-jsonl").addEventListener("click", () => exportAll("application/jsonl", "jsonl"));
  byId("export-csv").addEventListener("click", () => exportAll("text/csv", "csv"));
}

/** Shows the newest records that have these values of the form's fields. */
export function showTrail(parameters) {
  fill(form, parameters);
  updateRange();
  const { range: _, from: __, to: ___, ...rest } = values(form);
  cursors = [""];
  next = null;
  loading?.abort();
  loading = null;
  try {
    filters = { ...rest, ...fromAndTo(values(form)) };
  } catch (error) {
    filters = null;
    showProblem(error);
    return;
  }
  load();
}

/** @param {Function} retry null if the same would fail again */
function showProblem(error, retry = null) {
  next = null;
  byId("trail-rows").replaceChildren();
  byId("trail-page").textContent = "";
  status.textContent = "";
  byId("trail-problem").replaceChildren(problemCard(asProblem(error), retry));
  updateButtons();
}

/** One page at a time, because its cursors are not known before it is there. One export too, and none of invalid filters. */
function updateButtons() {
  byId("trail-older").disabled = Boolean(loading) || !next;
  byId("trail-newer").disabled = Boolean(loading) || cursors.length === 1;
  exportButtons.forEach((button) => (button.disabled = exporting || !filters));
}

async function load() {
  loading?.abort();
  const controller = new AbortController();
  loading = controller;
  const pressed = paging.find((button) => button === document.activeElement);
  updateButtons();
  status.textContent = "Loading records …";
  byId("trail-problem").replaceChildren();
  try {
    const page = await callJson(`/audit${query({ ...filters, limit: PAGE, cursor: cursors.at(-1) })}`, { signal: controller.signal });
    next = page.next_cursor;
    showPage(page);
  } catch (error) {
    if (loading === controller) {
      showProblem(error, load);
    }
  } finally {
    // If not, another one has begun, and ends this.
    if (loading === controller) {
      loading = null;
      updateButtons();
      // A button that is disabled loses the focus.
      if (document.activeElement === document.body) {
        pressed?.focus();
      }
    }
  }
}

function showPage({ records, summary }) {
  byId("trail-page").textContent = `Page ${count(cursors.length)}`;
  status.textContent =
    records.length === 0
      ? ""
      : [counted(records.length, "record"), counted(summary?.errors ?? 0, "error"), tokensOf(summary), costOf(summary), ...latencyOf(summary)].join(" · ");
  byId("trail-rows").replaceChildren(records.length === 0 ? empty() : table(records));
  byId("trail-rows").scrollTop = 0;
}

const tokensOf = (summary) =>
  typeof summary?.total_tokens === "number" ? partial(counted(summary.total_tokens, "token"), summary.records_without_tokens) : "tokens unknown";

const costOf = (summary) => (summary?.cost_usd ? partial(roundedDollars(summary.cost_usd), summary.records_without_cost) : "cost unknown");

/** Requests without a result have none. */
const latencyOf = (summary) =>
  typeof summary?.latency_ms?.p50 === "number" ? [`p50 ${duration(summary.latency_ms.p50)}, p95 ${duration(summary.latency_ms.p95)}`] : [];

function empty() {
  const filtered = Object.keys(filters).length > 0;
  return element(
    "div",
    { class: "empty" },
    element("h2", {}, filtered ? "No record has these values" : "No records yet"),
    element("p", {}, filtered ? "Change or clear the filters." : "A record appears a moment after a request that called a model."),
  );
}

const COLUMNS = ["Time", "Status", "Model", "User", "Identity", "Route", "Tokens", "Cost", "Latency", "Message"];
const NUMBERS = new Set(["Tokens", "Cost", "Latency"]);

function table(records) {
  return element(
    "table",
    { class: "rows" },
    element("caption", { class: "unseen" }, "Records, newest first"),
    element("thead", {}, element("tr", {}, COLUMNS.map((name) => element("th", { scope: "col", class: NUMBERS.has(name) ? "number" : null }, name)))),
    element("tbody", {}, records.map(row)),
  );
}

function row(record) {
  const completed = record.phase === "completed";
  const open = () => openRecord(record);
  return element(
    "tr",
    { on: { click: open } },
    element("td", {}, element("button", { type: "button", class: "link", "aria-haspopup": "dialog" }, time(record.timestamp, moment(record.timestamp)))),
    element("td", {}, statusOf(record)),
    element("td", { class: "clip" }, record.model ?? ""),
    element("td", { class: "clip" }, record.user_id ?? ""),
    element("td", { class: "clip" }, record.identity ?? ""),
    element("td", {}, record.endpoint ?? ""),
    element("td", { class: "number" }, completed ? tokens(record.prompt_tokens, record.completion_tokens) : ""),
    element("td", { class: "number" }, completed ? dollars(record.cost_usd) : ""),
    element("td", { class: "number" }, completed ? duration(record.latency_ms) : ""),
    element("td", { class: "clip wide" }, record.message_preview ?? ""),
  );
}

/** The status, and the error's name; without a result there is neither. */
export function statusOf(record) {
  if (record.phase !== "completed") {
    return element("span", { class: "pill" }, "no result");
  }
  const bad = record.error || record.status >= 400;
  return [
    element("span", { class: bad ? "pill bad" : "pill good" }, record.status ?? UNKNOWN),
    record.error ? element("span", { class: "error-name" }, record.error) : null,
  ];
}

async function exportAll(accept, extension) {
  const controller = new AbortController();
  const stop = byId("export-stop");
  stop.onclick = () => controller.abort();
  stop.hidden = false;
  exporting = true;
  updateButtons();
  byId("trail-problem").replaceChildren();
  try {
    const response = await call(`/audit${query(filters)}`, { accept, signal: controller.signal });
    status.textContent = await download(response, `audit.${extension}`, (progress) => (status.textContent = progress));
  } catch (error) {
    status.textContent = error.name === "AbortError" ? "The export was stopped." : "";
    if (error.name !== "AbortError") {
      byId("trail-problem").replaceChildren(problemCard(asProblem(error)));
    }
  } finally {
    stop.hidden = true;
    exporting = false;
    updateButtons();
  }
}
