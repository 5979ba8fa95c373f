package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The sums of the records of one page. */
final class PageSummary {
  private static final List<String> TOKENS =
      List.of("prompt_tokens", "completion_tokens", "total_tokens");

  private PageSummary() {}

  static ObjectNode of(List<ObjectNode> records) {
    var summary = Json.object();
    summary.put("records", records.size());
    summary.put("errors", records.stream().filter(it -> it.path("error").isTextual()).count());
    for (String field : TOKENS) {
      long[] known = values(records, field).toArray();
      summary.put(field, known.length == 0 ? null : (Long) LongStream.of(known).sum());
    }
    summary.put(
        "records_without_tokens", records.stream().filter(PageSummary::lacksTokens).count());
    var dollars = new DollarSum();
    long withCost = records.stream().filter(it -> dollars.add(it.path("cost_usd"))).count();
    summary.put("cost_usd", dollars.text());
    summary.put("records_without_cost", records.size() - withCost);
    long[] latencies = values(records, "latency_ms").sorted().toArray();
    summary
        .putObject("latency_ms")
        .put("p50", percentile(latencies, 50))
        .put("p95", percentile(latencies, 95));
    return summary;
  }

  private static boolean lacksTokens(ObjectNode record) {
    return TOKENS.stream().anyMatch(field -> !record.path(field).isIntegralNumber());
  }

  private static LongStream values(List<ObjectNode> records, String field) {
    return records.stream()
        .map(record -> record.path(field))
        .filter(JsonNode::isIntegralNumber)
        .mapToLong(JsonNode::longValue);
  }

  /** By nearest rank; null if there are no values. */
  private static @Nullable Long percentile(long[] sorted, int percent) {
    return sorted.length == 0
        ? null
        : (Long) sorted[Math.ceilDiv(sorted.length * percent, 100) - 1];
  }
}
