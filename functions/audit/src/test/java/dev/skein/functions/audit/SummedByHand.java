package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a summary must say of a list of records, by the plainest arithmetic. */
final class SummedByHand {
  private SummedByHand() {}

  /** Compares a whole summary with the records that it is of. */
  static void check(JsonNode summary, List<JsonNode> records) {
    check(summary.path("totals"), "totals", records);
    long seconds = summary.path("interval_s").asLong();
    var byTime =
        group(
            records,
            record -> {
              long at = Instant.parse(record.path("timestamp").asText()).getEpochSecond();
              return Instant.ofEpochSecond(Math.floorDiv(at, seconds) * seconds).toString();
            });
    var starts = new ArrayList<String>();
    for (JsonNode bucket : summary.path("buckets")) {
      String start = Instant.parse(bucket.path("start").asText()).toString();
      starts.add(start);
      check(bucket, start, byTime.getOrDefault(start, List.of()));
    }
    assertThat(starts).containsAll(byTime.keySet()).doesNotHaveDuplicates().isSorted();
    checkNames(summary, "models", "model", records);
    checkNames(summary, "users", "user_id", records);
  }

  private static Map<String, List<JsonNode>> group(
      List<JsonNode> records, Function<JsonNode, String> name) {
    return records.stream().collect(Collectors.groupingBy(name, TreeMap::new, Collectors.toList()));
  }

  private static void checkNames(
      JsonNode summary, String list, String field, List<JsonNode> records) {
    var byName = group(records, record -> record.path(field).asText());
    var names = new ArrayList<>(byName.keySet());
    names.sort((one, other) -> sizeOf(byName, other) - sizeOf(byName, one));
    var listed = names.subList(0, Math.min(50, names.size()));
    assertThat(summary.path(list).findValuesAsText(field)).containsExactlyElementsOf(listed);
    for (JsonNode of : summary.path(list)) {
      String name = of.path(field).asText();
      check(of, name, byName.getOrDefault(name, List.of()));
    }
    var others = records.stream().filter(it -> !listed.contains(it.path(field).asText())).toList();
    JsonNode rest = summary.path("other_" + list);
    assertThat(rest.isNull()).isEqualTo(others.isEmpty());
    if (!others.isEmpty()) {
      check(rest, "other " + list, others);
    }
  }

  private static int sizeOf(Map<String, List<JsonNode>> groups, String name) {
    return groups.getOrDefault(name, List.of()).size();
  }

  private static void check(JsonNode sums, String of, List<JsonNode> records) {
    var expected = new TreeMap<String, @Nullable Object>();
    expected.put("records", (long) records.size());
    expected.put("errors", count(records, it -> it.path("error").isTextual()));
    expected.put("incomplete", count(records, it -> it.path("phase").asText().equals("intent")));
    expected.put(
        "failovers",
        count(records, it -> it.path("tried").findValues("model").stream().distinct().count() > 1));
    expected.put(
        "records_without_tokens",
        count(
            records,
            it ->
                !it.path("prompt_tokens").isNumber()
                    || !it.path("completion_tokens").isNumber()
                    || !it.path("total_tokens").isNumber()));
    expected.put("records_without_cost", count(records, it -> !it.path("cost_usd").isTextual()));
    for (String field : List.of("prompt_tokens", "completion_tokens", "total_tokens")) {
      expected.put(
          field,
          numbers(records, field).isEmpty()
              ? null
              : numbers(records, field).stream().mapToLong(it -> it).sum());
    }
    expected.put("cost_usd", dollars(records, "/cost_usd"));
    String low = dollars(records, "/discarded_cost_usd/low");
    String high = dollars(records, "/discarded_cost_usd/high");
    expected.put(
        "discarded_cost_usd",
        high == null ? null : "{\"low\":\"%s\",\"high\":\"%s\"}".formatted(low, high));
    expected.put(
        "records_with_unknown_discarded_cost",
        count(records, it -> it.path("discarded_cost_usd").isNull()));
    var found = new TreeMap<String, @Nullable Object>();
    for (String name : expected.keySet()) {
      JsonNode value = sums.path(name);
      assertThat(value.isMissingNode()).as("%s of %s", name, of).isFalse();
      found.put(
          name,
          value.isNull()
              ? null
              : value.isNumber()
                  ? (Object) value.longValue()
                  : value.isTextual() ? value.textValue() : value.toString());
    }
    assertThat(found).as(of).isEqualTo(expected);
    checkPercentiles(sums.path("latency_ms"), numbers(records, "latency_ms"), of);
    checkPercentiles(
        sums.path("time_to_first_token_ms"), numbers(records, "time_to_first_token_ms"), of);
  }

  private static long count(List<JsonNode> records, Predicate<JsonNode> condition) {
    return records.stream().filter(condition).count();
  }

  private static List<Long> numbers(List<JsonNode> records, String field) {
    return records.stream()
        .map(it -> it.path(field))
        .filter(JsonNode::isNumber)
        .map(JsonNode::longValue)
        .sorted()
        .toList();
  }

  private static @Nullable String dollars(List<JsonNode> records, String pointer) {
    return records.stream()
        .map(it -> it.at(pointer))
        .filter(JsonNode::isTextual)
        .map(it -> new BigDecimal(it.textValue()))
        .reduce(BigDecimal::add)
        .map(it -> it.stripTrailingZeros().toPlainString())
        .orElse(null);
  }

  private static void checkPercentiles(JsonNode found, List<Long> sorted, String of) {
    for (int percent : List.of(50, 95)) {
      JsonNode value = found.path("p" + percent);
      if (sorted.isEmpty()) {
        assertThat(value.isNull()).as(of).isTrue();
      } else {
        long exact = sorted.get(Math.ceilDiv(sorted.size() * percent, 100) - 1);
        assertThat(Math.abs(value.longValue() - exact) * 128).as(of).isLessThanOrEqualTo(exact);
      }
    }
  }

  /** What the sums of two summaries have in common with that of both of their ranges. */
  static void checkAddUp(List<JsonNode> parts, JsonNode whole) {
    for (String name : List.of("records", "errors", "incomplete", "failovers", "total_tokens")) {
      assertThat(parts.stream().mapToLong(it -> it.path("totals").path(name).asLong()).sum())
          .as(name)
          .isEqualTo(whole.path("totals").path(name).asLong());
    }
    for (String name : List.of("latency_ms", "time_to_first_token_ms")) {
      var times = new ArrayList<Long>();
      for (JsonNode part : parts) {
        for (JsonNode bucket : part.path("buckets")) {
          for (JsonNode pair : bucket.path(name).path("histogram")) {
            times.addAll(Collections.nCopies(pair.path(1).asInt(), pair.path(0).asLong()));
          }
        }
      }
      times.sort(null);
      for (int percent : List.of(50, 95)) {
        assertThat(times.get(Math.ceilDiv(times.size() * percent, 100) - 1))
            .as(name)
            .isEqualTo(whole.path("totals").path(name).path("p" + percent).longValue());
      }
    }
  }
}
