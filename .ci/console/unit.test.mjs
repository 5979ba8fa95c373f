// The console's modules that need no page: `node --test .ci/console/unit.test.mjs`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { copyFileSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The folder has no package.json that says that its files are modules.
const web = new URL("../../console/web/", import.meta.url);
const copy = mkdtempSync(join(tmpdir(), "console-"));
writeFileSync(join(copy, "package.json"), '{"type":"module"}');
readdirSync(web).forEach((name) => copyFileSync(new URL(name, web), join(copy, name)));
const load = (name) => import(pathToFileURL(join(copy, name)));

const { EventParser, events } = await load("sse.js");
const format = await load("format.js");
const { fromAndTo } = await load("range.js");
const { addSummaries } = await load("sums.js");

const STREAM =
  ": a comment\r\nevent: delta\r\ndata: {\"text\":\"é😀\"}\r\n\r\ndata: one\rdata:two\r\revent: done\nid: 7\ndata\n\nevent: empty\n\ndata: cut";
const EVENTS = [
  { name: "delta", data: '{"text":"é😀"}' },
  { name: "message", data: "one\ntwo" },
  { name: "done", data: "" },
];

test("events are the same however the stream is cut into pieces", () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const parser = new EventParser();
    const found = [];
    for (let from = 0; from < STREAM.length; from += size) {
      found.push(...parser.push(STREAM.slice(from, from + size)));
    }
    assert.deepEqual(found, EVENTS, `pieces of ${size}`);
  }
});

test("a character that is cut in the middle is whole", async () => {
  const bytes = new TextEncoder().encode('data: {"text":"é😀"}\n\n');
  const body = new ReadableStream({
    start(controller) {
      bytes.forEach((byte) => controller.enqueue(Uint8Array.of(byte)));
      controller.close();
    },
  });
  const found = [];
  for await (const event of events(body)) {
    found.push(event.data);
  }
  assert.deepEqual(found, ['{"text":"é😀"}']);
});

test("what is unknown is said to be, and is never 0", () => {
  for (const write of [format.count, format.compact, format.dollars, format.roundedDollars, format.duration]) {
    assert.equal(write(null), "unknown");
    assert.equal(write(undefined), "unknown");
  }
  assert.equal(format.tokens(null, null), "unknown");
  assert.equal(format.tokens(0, null), "0 + unknown");
  assert.equal(format.drawn(null), null);
});

test("a sum that lacks records says how many", () => {
  assert.deepEqual([["$0.01", 9], ["$0.01", 0], ["$0.01", undefined], ["unknown", 9]].map((it) => format.partial(...it)), ["$0.01 + 9 unknown", "$0.01", "$0.01", "unknown"]);
});

test("dollars are exact, and rounded without floating point", () => {
  assert.equal(format.dollars("0.000000001"), "$0.000000001");
  const rounded = { 0: "$0.00", "0.000000001": "$0.000000001", "0.00012345": "$0.00012", "0.0996": "$0.10", "0.5": "$0.50", "0.995": "$1.00",
    "1.005": "$1.01", "12.344999999": "$12.34", "1234567.895": "$1,234,567.90", "9007199254740993.01": "$9,007,199,254,740,993.01" };
  for (const [text, expected] of Object.entries(rounded)) {
    assert.equal(format.roundedDollars(text), expected, text);
  }
  assert.equal(format.nanoDollars("9007199254740993.000000001"), 9007199254740993000000001n);
});

test("durations and sizes have the unit that suits them", () => {
  assert.deepEqual([0, 7.4, 999, 1234, 59_900, 61_000].map(format.duration), ["0 ms", "7 ms", "999 ms", "1.23 s", "59.9 s", "1 min 1 s"]);
  assert.deepEqual([999.4, 999.6, 9994, 9996, 59_960, 119_700, 3_599_600].map(format.duration), ["999 ms", "1.00 s", "9.99 s", "10.0 s", "1 min 0 s", "2 min 0 s", "60 min 0 s"]);
  assert.deepEqual([0, 999, 1000, 120_000_000].map(format.size), ["0 bytes", "999 bytes", "1.0 kB", "120.0 MB"]);
  assert.deepEqual([999_949, 999_960, 999_960_000, 2e12].map(format.size), ["999.9 kB", "1.0 MB", "1.0 GB", "2000.0 GB"]);
});

test("a number keeps its digits", () => {
  assert.deepEqual([12.3, 0.4, 0.1234, 1_234_567].map(format.number), ["12.3", "0.4", "0.1234", "1,234,567"]);
});

test("a moment of another year has its year, and one of this year has none", () => {
  const year = new Date().getFullYear();
  for (const write of [format.moment, format.minute, (text) => format.axisTime(Date.parse(text) / 1000)]) {
    assert.match(write(`${year - 1}-06-15T00:00:00`), new RegExp(`Jun 15, ${year - 1}`));
    assert.doesNotMatch(write(`${year}-06-15T00:00:00`), new RegExp(year));
  }
  assert.match(format.axisTime(new Date(year, 0, 1).getTime() / 1000), new RegExp(`Jan 1, ${year}`));
});

test("a year that Date cannot read is a problem with the field's name", () => {
  for (const [field, name] of [["from", "From"], ["to", "To"]]) {
    assert.throws(() => fromAndTo({ range: "custom", [field]: "20266-01-01T00:00" }), { title: "Invalid time", detail: new RegExp(`^${name} must be .*, not 20266-01-01T00:00\\.$`) });
  }
});

test("a range is from and to in UTC", () => {
  const now = Date.parse("2026-01-31T12:00:00Z");
  assert.deepEqual(fromAndTo({ range: "24h" }, now), { from: "2026-01-30T12:00:00.000Z" });
  assert.deepEqual(fromAndTo({}, now), {});
  const custom = fromAndTo({ range: "custom", from: "2026-01-31T00:00:00" }, now);
  assert.equal(custom.from, new Date("2026-01-31T00:00:00").toISOString());
  assert.equal(custom.to, undefined);
});

const NO_TIMES = { p50: null, p95: null, histogram: [] };

/** Sums of records with these fields. */
function sums({ records, tokens = null, cost = null, discarded = null, times = [] }) {
  return {
    records, errors: 1, records_with_unknown_discarded_cost: 2, failovers: 2, incomplete: 0, records_without_tokens: 0, records_without_cost: 3,
    prompt_tokens: tokens, completion_tokens: null, total_tokens: tokens, cost_usd: cost, discarded_cost_usd: discarded,
    latency_ms: { p50: null, p95: null, histogram: times }, time_to_first_token_ms: NO_TIMES,
  };
}

function reply(bucket, more) {
  return {
    from: "1", to: "9", interval_s: 60, totals: bucket,
    buckets: [{ start: "1", ...sums({ records: 0 }) }, { start: "2", ...bucket }],
    models: [], other_models: null, users: [], other_users: null, complete: true, next_from: null, ...more,
  };
}

test("the sums of two replies are those of one, exactly", () => {
  const one = reply(sums({ records: 3, tokens: 7, cost: "0.1", discarded: { low: "0", high: "1.5" }, times: [[10, 2], [900, 1]] }), {
    users: [{ user_id: "ann", ...sums({ records: 3 }) }], complete: false, next_from: "2.5",
  });
  const next = reply(sums({ records: 4, cost: "0.200000001", times: [[10, 1], [40, 3]] }), {
    from: "2.5", buckets: [{ start: "2", ...sums({ records: 4, times: [[10, 1], [40, 3]] }) }, { start: "3", ...sums({ records: 0 }) }],
    users: [{ user_id: "bob", ...sums({ records: 4 }) }, { user_id: "ann", ...sums({ records: 2 }) }], other_users: sums({ records: 9 }),
  });
  const both = addSummaries(one, next);
  assert.equal(both.from, "1");
  assert.equal(both.complete, true);
  assert.deepEqual(both.buckets.map((it) => [it.start, it.records]), [["1", 0], ["2", 7], ["3", 0]]);
  assert.deepEqual(both.users.map((it) => [it.user_id, it.records]), [["ann", 5], ["bob", 4]]);
  assert.equal(both.other_users.records, 9);
  assert.equal(both.totals.cost_usd, "0.300000001");
  assert.equal(both.totals.total_tokens, 7);
  assert.equal(both.totals.completion_tokens, null);
  assert.deepEqual(both.totals.discarded_cost_usd, { low: "0", high: "1.5" });
  assert.deepEqual(both.totals.latency_ms, { p50: 40, p95: 900, histogram: [[10, 3], [40, 3], [900, 1]] });
  assert.deepEqual(both.totals.time_to_first_token_ms, NO_TIMES);
});

test("what an older API does not count is 0", () => {
  const { records_with_unknown_discarded_cost: _, ...old } = sums({ records: 3 });
  assert.equal(addSummaries(reply(old), reply(sums({ records: 4 }))).totals.records_with_unknown_discarded_cost, 2);
});

test("percentiles without histograms are not known, unless one reply has all values", () => {
  const of = (p50) => ({ ...sums({ records: 1 }), latency_ms: { p50, p95: p50 }, time_to_first_token_ms: { p50: null, p95: null } });
  const both = addSummaries(reply(of(5)), reply(of(7)));
  assert.deepEqual([both.totals.latency_ms.p50, both.buckets[1].latency_ms.p95], [undefined, undefined]);
  assert.equal(both.totals.time_to_first_token_ms.p50, null);
  assert.equal(addSummaries(reply(of(null)), reply(of(7))).totals.latency_ms.p50, 7);
});
