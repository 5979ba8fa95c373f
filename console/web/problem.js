// A failed request, as an element.

import { element } from "./dom.js";

/** The problem with everything that helps: what is wrong, where, and by which ID the operator finds it. */
export function problemCard(problem, retry = null) {
  return element(
    "div",
    { class: "problem", role: "alert" },
    element("p", { class: "problem-title" }, problem.title, problem.status ? element("span", { class: "pill bad" }, problem.status) : null),
    problem.detail ? element("p", {}, problem.detail) : null,
    problem.errors?.length > 0 ? element("ul", {}, problem.errors.map(invalidField)) : null,
    facts([
      ["Type", problem.type],
      ["Code", problem.code],
      ["Retry after", problem.retryAfter && waiting(problem.retryAfter)],
      ["Tried", problem.tried],
      ["Attempts", problem.attempts],
      ["Request ID", problem.requestId],
      ["Audit ID", problem.auditId],
    ]),
    retry ? element("button", { type: "button", class: "secondary", on: { click: retry } }, "Try again") : null,
  );
}

const waiting = (value) => (/^\d+$/.test(value) ? `${value} s` : value);

const invalidField = (error) =>
  element("li", {}, element("code", {}, String(error.pointer ?? "")), " ", String(error.detail ?? ""));

/** Names and values in a line; those without a value are left out; null if none is left. */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const pair = ([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value));
  return shown.length === 0 ? null : element("dl", { class: "facts" }, shown.map(pair));
}
