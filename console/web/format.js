// Values as text. What is unknown is said to be, and is never 0.

export const UNKNOWN = "unknown";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const exact = new Intl.NumberFormat("en", { maximumFractionDigits: 20 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

const known = (value) => value !== null && value !== undefined;

/** A count, with separators. */
export const count = (value) => (known(value) ? whole.format(value) : UNKNOWN);

/** Any number, with all its digits. */
export const number = (value) => (known(value) ? exact.format(value) : UNKNOWN);

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
  // Each unit ends where the one below would be rounded up to it.
  if (ms < 999.5) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 59_950) {
    return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
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

/** A sum as text, with how many records it lacks: "$0.01 + 9 unknown". */
export const partial = (sum, without) => (sum !== UNKNOWN && without > 0 ? `${sum} + ${count(without)} unknown` : sum);

/** Prompt and completion tokens. */
export function tokens(prompt, completion) {
  return known(prompt) || known(completion) ? `${count(prompt)} + ${count(completion)}` : UNKNOWN;
}

const formats = (options) => ({
  thisYear: new Intl.DateTimeFormat("en", { ...options, hourCycle: "h23" }),
  otherYear: new Intl.DateTimeFormat("en", { year: "numeric", ...options, hourCycle: "h23" }),
});
const MINUTE = { month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit" };
const clock = formats({ ...MINUTE, second: "2-digit" });
const coarse = formats(MINUTE);
const days = formats({ month: "short", day: "numeric" });
const hours = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const isThisYear = (at) => at.getFullYear() === new Date().getFullYear();
const written = ({ thisYear, otherYear }, at) => (isThisYear(at) ? thisYear : otherYear).format(at);

/** A moment in the reader's zone, to the second, with its year if that is not this one. */
export const moment = (text) => written(clock, new Date(text));

/** A moment in the reader's zone, to the minute, with its year if that is not this one. */
export const minute = (text) => written(coarse, new Date(text));

/** Seconds since 1970 at an axis: the time of day, at midnight the day, and where a year begins that too. */
export function axisTime(seconds) {
  const at = new Date(seconds * 1000);
  if (at.getHours() + at.getMinutes() > 0) {
    return hours.format(at);
  }
  return at.getMonth() === 0 && at.getDate() === 1 ? days.otherYear.format(at) : written(days, at);
}

/** The pixels that a time at an axis needs, if this is the first. */
export const axisSpace = (seconds) => (isThisYear(new Date(seconds * 1000)) ? 64 : 96);

/** A size in bytes, in the smallest unit of which there are fewer than 1000 when rounded. */
export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  const rounded = (power) => (bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1);
  const power = [0, 1, 2].find((it) => Number(rounded(it)) < 1000) ?? 3;
  return `${rounded(power)} ${units[power]}`;
}
