// The time range of a form: the last hours or days, or two moments.

import { Problem } from "./api.js";

const HOUR = 3_600_000;

const RANGES = [
  ["1h", "Last hour", HOUR],
  ["24h", "Last 24 hours", 24 * HOUR],
  ["7d", "Last 7 days", 7 * 24 * HOUR],
  ["30d", "Last 30 days", 30 * 24 * HOUR],
];

/** Adds the choices to a form's field `range`, and shows `from` and `to` only with the last of them. */
export function setUpRange(form, anyTime, chosen) {
  const select = form.elements.range;
  const options = RANGES.map(([value, text]) => new Option(text, value));
  select.append(...(anyTime ? [new Option("Any time", "")] : []), ...options, new Option("From … to …", "custom"));
  select.dataset.initial = chosen;
  select.value = chosen;
  const update = () =>
    form.querySelectorAll("[data-custom]").forEach((label) => (label.hidden = select.value !== "custom"));
  select.addEventListener("change", update);
  form.addEventListener("reset", () => setTimeout(update));
  update();
  return update;
}

/**
 * The query parameters `from` and `to` of a form's values, in UTC; without them for any time.
 *
 * @param {number} now in milliseconds
 * @throws {Problem} if one of them is no moment
 */
export function fromAndTo(values, now = Date.now()) {
  const span = RANGES.find(([value]) => value === values.range)?.[2];
  if (span) {
    return { from: new Date(now - span).toISOString() };
  }
  return values.range === "custom"
    ? { from: values.from && utc("From", values.from), to: values.to && utc("To", values.to) }
    : {};
}

function utc(name, moment) {
  const at = new Date(moment);
  // A field takes years of six digits, and Date does not.
  if (Number.isNaN(at.getTime())) {
    throw new Problem({ title: "Invalid time", detail: `${name} must be a date and time with a four-digit year, not ${moment}.` });
  }
  return at.toISOString();
}
