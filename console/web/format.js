// Values as text. What is unknown is said to be, and is never 0.

export const UNKNOWN = "unknown";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

const known = (value) => value !== null && value !== undefined;

/** A count, with separators. */
export const count = (value) => (known(value) ? whole.format(value) : UNKNOWN);

/** A count in at most four characters or so, such as 1.2M. */
export const compact = (value) => (known(value) ? short.format(value) : UNKNOWN);

/** A part of a whole, as a percentage. */
export const share = (part, all) => percent.format(all > 0 ? part / all : 0);

/** "1 record", "2 records". */
export const counted = (value, noun) => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Milliseconds as a duration of three digits. */
export function duration(ms) {
  if (!known(ms)) {
    return UNKNOWN;
  }
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  }
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Exact dollars, as they were reported: a decimal string, or null. */
export const dollars = (text) => (known(text) ? `$${text}` : UNKNOWN);

/** Dollars for a glance: to the cent from $1 on, and else to two significant digits. Computed in nano-dollars. */
export function roundedDollars(text) {
  if (!known(text)) {
    return UNKNOWN;
  }
  const nano = nanoDollars(text);
  const digits = nano.toString().length;
  const unit = digits > 9 ? 10n ** 7n : 10n ** BigInt(Math.max(digits - 2, 0));
  const rounded = ((nano + unit / 2n) / unit) * unit;
  const fraction = (rounded % 10n ** 9n).toString().padStart(9, "0").replace(/0+$/, "");
  return `$${whole.format(rounded / 10n ** 9n)}.${fraction.padEnd(2, "0")}`;
}

/** Whole nano-dollars of a decimal string. */
export function nanoDollars(text) {
  const [units, fraction = ""] = text.split(".");
  return BigInt(units + fraction.slice(0, 9).padEnd(9, "0"));
}

/** A decimal string as a number, for drawing only; null stays null. */
export const drawn = (text) => (known(text) ? Number(text) : null);

/** Prompt and completion tokens. */
export function tokens(prompt, completion) {
  return known(prompt) || known(completion) ? `${count(prompt)} + ${count(completion)}` : UNKNOWN;
}

const clock = new Intl.DateTimeFormat("en", { month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const coarse = new Intl.DateTimeFormat("en", { month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A moment in the reader's zone, to the second. */
export const moment = (text) => clock.format(new Date(text));

/** A moment in the reader's zone, to the minute. */
export const minute = (text) => coarse.format(new Date(text));

const hours = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const days = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });

/** Seconds since 1970 at an axis: the time of day, and at midnight the day. */
export function axisTime(seconds) {
  const at = new Date(seconds * 1000);
  return at.getHours() + at.getMinutes() === 0 ? days.format(at) : hours.format(at);
}

/** A size in bytes. */
export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
