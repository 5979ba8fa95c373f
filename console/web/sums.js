// The sums of a range that the reader needed several requests for.

import { nanoDollars } from "./format.js";

const COUNTS = ["records", "errors", "failovers", "incomplete", "records_without_tokens", "records_without_cost", "records_with_unknown_discarded_cost"];
const TOKENS = ["prompt_tokens", "completion_tokens", "total_tokens"];
const TIMES = ["latency_ms", "time_to_first_token_ms"];

/**
 * The reply to a request for the whole range, of the replies to one and to the next, which begins at the `next_from` of
 * the first. Both have histograms, or the percentiles of what both have are not known.
 *
 * Of models and users, each reply lists those with most records: what one of them counts among the others stays there.
 */
export function addSummaries(one, next) {
  const buckets = added(one.buckets, next.buckets, "start");
  const models = added(one.models, next.models, "model");
  const users = added(one.users, next.users, "user_id");
  return {
    ...next,
    from: one.from,
    totals: { ...addSums(one.totals, next.totals), ...timesOf(buckets) },
    buckets,
    models: models.sort(mostFirst),
    other_models: addOrNull(one.other_models, next.other_models, addSums),
    users: users.sort(mostFirst),
    other_users: addOrNull(one.other_users, next.other_users, addSums),
  };
}

const mostFirst = (one, other) => other.records - one.records;

/** Two lists of sums, in the order of the first, with those of the same name added. */
function added(list, more, name) {
  const sums = new Map(list.map((it) => [it[name], it]));
  for (const it of more) {
    sums.set(it[name], sums.has(it[name]) ? { ...it, ...addSums(sums.get(it[name]), it) } : it);
  }
  return [...sums.values()];
}

function addSums(one, other) {
  const sums = {};
  COUNTS.forEach((name) => (sums[name] = (one[name] ?? 0) + (other[name] ?? 0))); // an older API has fewer
  TOKENS.forEach((name) => (sums[name] = addOrNull(one[name], other[name], (a, b) => a + b)));
  TIMES.forEach((name) => (sums[name] = times([one, other].map((it) => it[name]))));
  sums.cost_usd = addOrNull(one.cost_usd, other.cost_usd, addDollars);
  sums.discarded_cost_usd = addOrNull(one.discarded_cost_usd, other.discarded_cost_usd, (a, b) => ({
    low: addDollars(a.low, b.low),
    high: addDollars(a.high, b.high),
  }));
  return sums;
}

/** What nothing is known of is null, and not 0. */
const addOrNull = (one, other, add) => (one === null ? other : other === null ? one : add(one, other));

/** Exactly: a decimal string is not a number of JavaScript. */
function addDollars(one, other) {
  const digits = (nanoDollars(one) + nanoDollars(other)).toString().padStart(10, "0");
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, "");
}

const timesOf = (buckets) => Object.fromEntries(TIMES.map((name) => [name, times(buckets.map((it) => it[name]))]));

/** The percentiles of several, by nearest rank. Those of two that have no histograms are undefined: they are not known. */
function times(list) {
  const filled = list.filter((it) => it.histogram?.length > 0 || it.p50 !== null);
  if (filled.some((it) => !it.histogram)) {
    return filled.length === 1 ? filled[0] : { p50: undefined, p95: undefined };
  }
  const counts = new Map();
  for (const [ms, n] of filled.flatMap((it) => it.histogram)) {
    counts.set(ms, (counts.get(ms) ?? 0) + n);
  }
  const histogram = [...counts].sort(([one], [other]) => one - other);
  const all = histogram.reduce((sum, [, n]) => sum + n, 0);
  const percentile = (percent) => {
    let missing = Math.ceil((all * percent) / 100);
    return histogram.find(([, n]) => (missing -= n) <= 0)?.[0] ?? null;
  };
  return { p50: percentile(50), p95: percentile(95), histogram };
}
