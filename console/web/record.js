// One record in full.

import { asProblem, callJson, query } from "./api.js";
import { byId, element, time } from "./dom.js";
import { dollars, duration, moment, number, UNKNOWN } from "./format.js";
import { problemCard } from "./problem.js";
import { statusOf } from "./trail.js";

const dialog = byId("record");

/** Titles and fields; what no group names is shown last. */
const GROUPS = {
  Request: ["endpoint", "user_id", "identity", "requested_model", "message_preview", "message_length", "message_sha256", "prompt_length", "prompt_sha256"],
  Reply: ["status", "error", "model", "response_preview", "response_length", "response_sha256", "finish_reason", "truncated", "tool_calls"],
  "Tokens and cost": ["prompt_tokens", "cached_tokens", "cache_write_tokens", "completion_tokens", "reasoning_tokens", "total_tokens", "service_tier", "cost_usd", "discarded_cost_usd"],
  "Model calls": ["calls", "attempts", "tried", "provider_request_ids", "latency_ms", "time_to_first_token_ms", "tokens_per_second"],
  Identifiers: ["audit_id", "request_id", "trace_id", "schema_version", "timestamp", "phase", "content_salt"],
};

/** Fields whose texts are shown as they were written, with their line breaks. */
const TEXTS = new Set(["message_preview", "response_preview"]);

/** Fields of which null says that there is none. In the others it says that the value is not known. */
const hasNone = (name) => ["error", "trace_id", "time_to_first_token_ms"].includes(name) || name.includes("sha256");

/** Opens the dialog with a record of the trail. */
export function openRecord(record) {
  const close = () => dialog.close();
  dialog.replaceChildren(
    element(
      "header",
      {},
      element("h2", { id: "record-title", tabindex: "-1" }, "Record of ", time(record.timestamp, moment(record.timestamp))),
      element("button", { type: "button", class: "quiet", "aria-label": "Close", on: { click: close } }, "✕"),
    ),
    phases(record),
    ...Object.entries(GROUPS).map(([title, names]) => group(title, names, record)),
    group("Other fields", others(record), record),
    contentPart(record),
    element("details", {}, element("summary", {}, "JSON"), element("pre", { tabindex: "0" }, JSON.stringify(record, null, 2))),
  );
  dialog.onclick = (event) => event.target === dialog && close();
  dialog.showModal();
  dialog.scrollTop = 0;
  byId("record-title").focus();
}

function phases(record) {
  const completed = record.phase === "completed";
  return element(
    "ol",
    { class: "phases", "aria-label": "Phases" },
    element("li", { class: "reached" }, element("b", {}, "Intent"), element("span", {}, moment(record.timestamp)), element("span", {}, "the model call begins")),
    element(
      "li",
      { class: completed ? "reached" : "missing" },
      element("b", {}, "Completed"),
      completed ? element("span", {}, `after ${duration(record.latency_ms)} `, statusOf(record)) : element("span", {}, "There is no result."),
      completed ? null : element("span", {}, "The request is in progress, or the function was ended before it could send one."),
    ),
  );
}

function others(record) {
  const named = new Set(Object.values(GROUPS).flat());
  return Object.keys(record).filter((name) => !named.has(name));
}

function group(title, names, record) {
  const present = names.filter((name) => name in record);
  return present.length === 0
    ? ""
    : element(
        "section",
        {},
        element("h3", {}, title),
        element("dl", { class: "record-fields" }, present.map((name) => element("div", {}, element("dt", {}, name), element("dd", {}, shown(name, record[name]))))),
      );
}

function shown(name, value) {
  if (value === null) {
    return element("span", { class: "hint" }, hasNone(name) ? "none" : UNKNOWN);
  }
  if (name === "cost_usd") {
    return dollars(value);
  }
  if (name === "discarded_cost_usd") {
    return `${dollars(value.low)} to ${dollars(value.high)}`;
  }
  if (name === "tried") {
    return value.map((it) => `${it.model} ${it.result}${it.count > 1 ? ` ×${it.count}` : ""}`).join(", ");
  }
  if (name.endsWith("_ms")) {
    return duration(value);
  }
  if (TEXTS.has(name)) {
    return element("blockquote", {}, value);
  }
  return typeof value === "number" ? number(value) : typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The whole texts, which are read only if somebody asks for them: each read is logged with its reader. */
function contentPart(record) {
  const place = element("div", { "aria-live": "polite" });
  const load = async () => {
    place.replaceChildren(element("p", { class: "progress" }, "Loading …"));
    try {
      const { content } = await callJson(`/audit${query({ audit_id: record.audit_id, content: "true" })}`);
      place.replaceChildren(...["message", "response"].flatMap((name) => wholeText(name, content ?? {})));
    } catch (error) {
      place.replaceChildren(problemCard(asProblem(error), load));
    }
  };
  return element(
    "section",
    {},
    element("h3", {}, "Whole texts"),
    element("p", { class: "hint" }, "They are kept only with AUDIT_CONTENT=full."),
    element("button", { type: "button", class: "secondary", on: { click: load } }, "Show the whole texts"),
    place,
  );
}

function wholeText(name, content) {
  const omitted = content.omitted?.includes(name);
  return [
    element("h4", {}, name === "message" ? "Prompt" : "Reply"),
    content[name] === null || content[name] === undefined
      ? element("p", { class: "hint" }, omitted ? "It is too large for a response." : "It was not kept, or has expired.")
      : element("pre", { tabindex: "0" }, content[name]),
  ];
}
