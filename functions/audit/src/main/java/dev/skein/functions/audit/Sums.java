package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import java.util.List;

/**
 * The sums of a group of audit records. What no record of the group says is null. The sums of two
 * groups can be added. Not thread-safe.
 */
final class Sums {
  /** The fields that are read, besides those of the filters. */
  static final List<String> FIELDS =
      List.of(
          "timestamp",
          "phase",
          "user_id",
          "model",
          "error",
          "tried",
          "prompt_tokens",
          "completion_tokens",
          "total_tokens",
          "cost_usd",
          "discarded_cost_usd",
          "latency_ms",
          "time_to_first_token_ms");

  private static final List<String> TOKENS =
      List.of("prompt_tokens", "completion_tokens", "total_tokens");

  private final long[] tokens = new long[TOKENS.size()];
  private final boolean[] known = new boolean[TOKENS.size()];
  private final DollarSum cost = new DollarSum();
  private final DollarSum discardedLow = new DollarSum();
  private final DollarSum discardedHigh = new DollarSum();
  private final LatencyHistogram latency = new LatencyHistogram();
  private final LatencyHistogram firstToken = new LatencyHistogram();
  private int records;
  private int errors;
  private int failovers;
  private int incomplete;
  private int withoutTokens;
  private int withoutCost;
  private int unknownDiscarded;

  /** How many records the group has. */
  int records() {
    return records;
  }

  /** Adds a record, which has at least {@link #FIELDS}, as far as they are stored. */
  void add(ObjectNode record) {
    records++;
    errors += record.path("error").isTextual() ? 1 : 0;
    failovers += hasFailedOver(record.path("tried")) ? 1 : 0;
    incomplete += AuditRecord.isCompleted(record) ? 0 : 1;
    withoutTokens += addTokens(record) ? 0 : 1;
    withoutCost += cost.add(record.path("cost_usd")) ? 0 : 1;
    JsonNode discarded = record.path("discarded_cost_usd");
    // Without the member, nothing was discarded.
    unknownDiscarded += discarded.isNull() ? 1 : 0;
    discardedLow.add(discarded.path("low"));
    discardedHigh.add(discarded.path("high"));
    addTime(record.path("latency_ms"), latency);
    addTime(record.path("time_to_first_token_ms"), firstToken);
  }

  private static boolean hasFailedOver(JsonNode tried) {
    for (int i = 1; i < tried.size(); i++) {
      if (!tried.path(i).path("model").equals(tried.path(0).path("model"))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the record has all of them. */
  private boolean addTokens(ObjectNode record) {
    boolean all = true;
    for (int i = 0; i < tokens.length; i++) {
      JsonNode count = record.path(TOKENS.get(i));
      if (count.isIntegralNumber()) {
        addTokens(i, count.longValue());
      } else {
        all = false;
      }
    }
    return all;
  }

  /** The largest number instead of an overflow: what a provider reports is not limited. */
  private void addTokens(int kind, long count) {
    tokens[kind] = count > Long.MAX_VALUE - tokens[kind] ? Long.MAX_VALUE : tokens[kind] + count;
    known[kind] = true;
  }

  private static void addTime(JsonNode millis, LatencyHistogram to) {
    if (millis.isIntegralNumber()) {
      to.add(millis.longValue());
    }
  }

  /** Adds the sums of another group. */
  void add(Sums other) {
    records += other.records;
    errors += other.errors;
    failovers += other.failovers;
    incomplete += other.incomplete;
    withoutTokens += other.withoutTokens;
    withoutCost += other.withoutCost;
    unknownDiscarded += other.unknownDiscarded;
    for (int i = 0; i < tokens.length; i++) {
      if (other.known[i]) {
        addTokens(i, other.tokens[i]);
      }
    }
    cost.add(other.cost);
    discardedLow.add(other.discardedLow);
    discardedHigh.add(other.discardedHigh);
    latency.add(other.latency);
    firstToken.add(other.firstToken);
  }

  /** Writes the sums to an object; returns it. */
  ObjectNode writeTo(ObjectNode json) {
    json.put("records", records);
    json.put("errors", errors);
    json.put("failovers", failovers);
    json.put("incomplete", incomplete);
    for (int i = 0; i < tokens.length; i++) {
      json.put(TOKENS.get(i), known[i] ? (Long) tokens[i] : null);
    }
    json.put("records_without_tokens", withoutTokens);
    json.put("cost_usd", cost.text());
    json.put("records_without_cost", withoutCost);
    json.set("discarded_cost_usd", discarded());
    json.put("records_with_unknown_discarded_cost", unknownDiscarded);
    putPercentiles(json, "latency_ms", latency);
    putPercentiles(json, "time_to_first_token_ms", firstToken);
    return json;
  }

  /** Adds the histograms that the percentiles come from, to an object with the sums. */
  void writeHistogramsTo(ObjectNode json) {
    latency.writeTo(json.withObject("/latency_ms").putArray("histogram"));
    firstToken.writeTo(json.withObject("/time_to_first_token_ms").putArray("histogram"));
  }

  private JsonNode discarded() {
    var range = Json.object();
    range.put("low", discardedLow.text()).put("high", discardedHigh.text());
    return discardedHigh.text() == null ? range.nullNode() : range;
  }

  private static void putPercentiles(ObjectNode json, String name, LatencyHistogram times) {
    json.putObject(name).put("p50", times.percentile(50)).put("p95", times.percentile(95));
  }
}
