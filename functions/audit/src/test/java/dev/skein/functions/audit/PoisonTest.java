package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;

@ExtendWith(TestTable.OfEachTest.class)
final class PoisonTest {
  /** A text that must not reach the log. */
  private static final String CANARY = "canary-5f2c";

  private static final String GOOD = Samples.body(completed(Samples.intentWithPrompt("a")));

  /** Invalid values of each field, as JSON. */
  private static final Map<String, List<String>> INVALID =
      Map.ofEntries(
          Map.entry("schema_version", List.of("0", "2", "1.0", "\"1\"", "true")),
          Map.entry("audit_id", List.of("1", "\"\"", quoted("x".repeat(129)))),
          Map.entry(
              "timestamp",
              List.of(
                  "1781524800000",
                  "\"\"",
                  "\"now\"",
                  "\"2026-06-15\"",
                  "\"2026-06-15T12:00:00Z\"",
                  "\"2026-06-15T12:00:00.0000Z\"",
                  "\"2026-06-15T12:00:00.000000Z\"",
                  "\"2026-06-15T12:00:00.000+00:00\"",
                  "\"2026-06-15t12:00:00.000z\"",
                  "\"2026-06-15T24:00:00.000Z\"",
                  "\"2026-02-30T12:00:00.000Z\"",
                  "\"2026-06-15T12:00:60.000Z\"",
                  "\"+10000-06-15T12:00:00.00Z\"",
                  "\"2026-06-15T12:00:00.000 \"")),
          Map.entry("phase", List.of("1", "\"\"", "\"Intent\"", "\"started\"", "[\"intent\"]")),
          Map.entry("request_id", List.of("1", "[]")),
          Map.entry("endpoint", List.of("1", "{}")),
          Map.entry("user_id", List.of("1", "\"\"", quoted("\u20ac".repeat(171)))),
          Map.entry("identity", List.of("1")),
          Map.entry("model", List.of("1")),
          Map.entry("message_preview", List.of("1", "[\"text\"]")),
          Map.entry("response_preview", List.of("1")),
          Map.entry("prompt_tokens", List.of("\"12\"", "1.5", "-1", "1e3", "9223372036854775808")),
          Map.entry("completion_tokens", List.of("\"12\"", "false")),
          Map.entry("total_tokens", List.of("\"12\"", "{}")),
          Map.entry("calls", List.of("3", "[]", "{}", "{\"total\":1,\"ok\":\"1\",\"failed\":0}")),
          Map.entry("attempts", List.of("\"1\"", "-1")),
          Map.entry(
              "tried",
              List.of(
                  "1",
                  "{}",
                  "[1]",
                  "[{}]",
                  "[{\"model\":1,\"result\":\"ok\",\"count\":1}]",
                  "[{\"model\":\"m\",\"result\":null,\"count\":1}]",
                  "[{\"model\":\"m\",\"result\":\"ok\",\"count\":-1}]")),
          Map.entry("latency_ms", List.of("\"1\"", "0.5")),
          Map.entry("status", List.of("\"200\"", "200.0")),
          Map.entry("error", List.of("500", "{}")),
          Map.entry("truncated", List.of("0", "\"false\"")),
          Map.entry("time_to_first_token_ms", List.of("\"87\"", "0.5", "-1")),
          Map.entry("tokens_per_second", List.of("\"41.5\"", "-1.5", "{}")),
          Map.entry("trace_id", List.of("1", "[]")),
          Map.entry("requested_model", List.of("1", "{}")),
          Map.entry("message_length", List.of("\"1\"", "-1", "0.5")),
          Map.entry("message_sha256", List.of("1", quoted("1F".repeat(32)), quoted("1f"))),
          Map.entry("prompt_length", List.of("\"1\"", "-1", "0.5", "null")),
          Map.entry("prompt_sha256", List.of("1", quoted("1F".repeat(32)), quoted("1f"))),
          Map.entry("content_salt", List.of("1", quoted("0".repeat(31)), quoted("g".repeat(32)))),
          Map.entry("response_length", List.of("\"1\"", "-1")),
          Map.entry("response_sha256", List.of("1", "\"\"")),
          Map.entry("finish_reason", List.of("1", "[\"stop\"]")),
          Map.entry("cached_tokens", List.of("\"4\"", "-1")),
          Map.entry("cache_write_tokens", List.of("\"3\"", "-1")),
          Map.entry("reasoning_tokens", List.of("\"2\"", "0.5")),
          Map.entry("service_tier", List.of("1", "[]")),
          Map.entry(
              "cost_usd",
              List.of(
                  "0.5",
                  "\"\"",
                  "\".5\"",
                  "\"5.\"",
                  "\"-1\"",
                  "\"1e-5\"",
                  "\"1,5\"",
                  "\"0.0000000001\"",
                  "\"12345678901\"")),
          Map.entry(
              "discarded_cost_usd",
              List.of("\"0.5\"", "{}", "{\"low\":\"0\"}", "{\"low\":0,\"high\":\"1\"}")),
          Map.entry("provider_request_ids", List.of("\"req_1\"", "[1]", "{}")),
          Map.entry("tool_calls", List.of("\"f\"", "[null]", "[[]]")),
          Map.entry("erased", List.of("\"7\"", "-1")));

  private static final List<String> NULLABLE =
      List.of(
          "trace_id",
          "message_sha256",
          "prompt_sha256",
          "response_sha256",
          "finish_reason",
          "prompt_tokens",
          "completion_tokens",
          "total_tokens",
          "cached_tokens",
          "cache_write_tokens",
          "reasoning_tokens",
          "service_tier",
          "cost_usd",
          "discarded_cost_usd",
          "error",
          "time_to_first_token_ms",
          "tokens_per_second");

  /** Older records, and those of replies that were not streamed, lack these. */
  private static final List<String> OPTIONAL =
      List.of(
          "trace_id",
          "requested_model",
          "message_length",
          "message_sha256",
          "prompt_length",
          "prompt_sha256",
          "content_salt",
          "response_length",
          "response_sha256",
          "finish_reason",
          "cached_tokens",
          "cache_write_tokens",
          "reasoning_tokens",
          "service_tier",
          "cost_usd",
          "discarded_cost_usd",
          "tried",
          "provider_request_ids",
          "tool_calls",
          "time_to_first_token_ms",
          "tokens_per_second",
          "erased");

  static final List<String> BODIES =
      List.of(
          "",
          " ",
          "null",
          "[]",
          "[" + GOOD + "]",
          "\"text " + CANARY + "\"",
          "12",
          "{",
          "<xml/>",
          GOOD + GOOD,
          GOOD + "]",
          GOOD.substring(0, GOOD.length() - 1),
          GOOD.replace("\"phase\"", "\"audit_id\":\"b\",\"phase\""),
          with("more", "NaN"),
          with("more", "\"\\ud83e " + CANARY + "\""),
          with("\\udebf", "1"),
          with("more", "[".repeat(33) + "]".repeat(33)),
          with("more", "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000)),
          with("more", quoted("x".repeat(1 << 20))),
          // Legal as a message and as JSON, and yet no item:
          with("more", "[" + (quoted("x".repeat(250_000)) + ",").repeat(2) + "1]"),
          with("more", "1e999"),
          with("more", "-1e999"),
          with("more", "1e126"),
          with("more", "1".repeat(60)),
          with("more", "1e-200"),
          with("", "1"),
          with("pk", "\"a\""),
          with("sk", "\"record\""),
          with("shard", "\"0\""),
          with("user_shard", "\"ann#0\""),
          with("intent_shard", "\"0\""),
          with("request_key", "\"r\""),
          GOOD.replace("\"audit_id\":\"a\"", "\"audit_id\":\"#a\""),
          with("time_and_id", "1"),
          with("erased_at", "\"2026-07-01T00:00:00.000Z\""),
          with("content_sha256", "\"" + "0".repeat(64) + "\""),
          with("expires_at", "1"));

  private final TestTable table;
  private final LogLines log = new LogLines();

  PoisonTest(TestTable table) {
    this.table = table;
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private static String with(String field, String json) {
    return GOOD.substring(0, GOOD.length() - 1) + ",\"" + field + "\":" + json + "}";
  }

  static Stream<String> invalid() {
    var missing =
        fields()
            .filter(field -> !OPTIONAL.contains(field))
            .map(field -> good().without(List.of(field)));
    var nulls = fields().filter(field -> !NULLABLE.contains(field)).map(PoisonTest::withNull);
    var wrong =
        INVALID.entrySet().stream()
            .flatMap(
                field ->
                    field.getValue().stream()
                        .map(value -> good().set(field.getKey(), parse(value))));
    return Stream.of(missing, nulls, wrong)
        .flatMap(records -> records)
        .map(record -> Json.STRICT.write((JsonNode) record));
  }

  private static JsonNode withNull(String field) {
    return good().putNull(field);
  }

  private static Stream<String> fields() {
    return good().properties().stream().map(Map.Entry::getKey);
  }

  private static ObjectNode good() {
    return (ObjectNode) parse(GOOD);
  }

  private static JsonNode parse(String json) {
    try {
      return Json.STRICT.parse(json);
    } catch (MalformedJsonException e) {
      throw new AssertionError(json, e);
    }
  }

  @ParameterizedTest
  @NullSource
  @FieldSource("BODIES")
  @MethodSource("invalid")
  void aPoisonMessageFailsAlone(@Nullable String poison) {
    var consumer =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), table.config(), log.log()), System::nanoTime);

    var response =
        Samples.failures(
            consumer,
            event(
                message("m1", intent("b")),
                message("m2", poison),
                message("m3", completed(intent("c")))),
            Duration.ofSeconds(30));

    assertThat(response).containsExactly("m2");
    assertThat(table.records()).containsOnlyKeys("b", "c");
    assertThat(log.of("audit_message_failed"))
        .singleElement()
        .satisfies(line -> assertThat(line.path("reason").asText()).isEqualTo("poison"));
    assertThat(log.of("bug")).isEmpty();
    assertThat(log.text()).doesNotContain(CANARY, "bundle of threads").hasSizeLessThan(1000);
  }

  @Test
  void everyFieldHasInvalidValues() {
    assertThat(fields()).containsExactlyInAnyOrderElementsOf(INVALID.keySet());
  }

  @Test
  void aRecordWithoutOptionalFieldsIsStoredWithoutThem() {
    var consumer =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), table.config(), log.log()), System::nanoTime);
    var older = good().without(OPTIONAL);

    var response =
        Samples.failures(
            consumer, event(message("m1", Json.STRICT.write(older))), Duration.ofSeconds(30));

    assertThat(response).isEmpty();
    assertThat(Json.STRICT.write(table.record("a"))).isEqualTo(Json.STRICT.write(older));
  }

  @Test
  void aRecordOfTheSlowestStreamIsStored() {
    var consumer =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), table.config(), log.log()), System::nanoTime);
    var slow = good().put("tokens_per_second", 0.0);

    var response =
        Samples.failures(
            consumer, event(message("m1", Json.STRICT.write(slow))), Duration.ofSeconds(30));

    assertThat(response).isEmpty();
    assertThat(table.records()).containsOnlyKeys("a");
  }

  @Test
  void theDetailSaysWhatIsInvalidWithoutTheMessage() {
    var consumer =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), table.config(), log.log()), System::nanoTime);

    var _ =
        Samples.failures(
            consumer,
            event(message("m1", Json.STRICT.write(good().put("schema_version", 2)))),
            Duration.ofSeconds(30));

    assertThat(log.of("audit_message_failed").getFirst().path("detail").asText())
        .isEqualTo(
            "schema_version is 2, and this consumer reads 1: deploy the newer consumer, then"
                + " redrive");
  }

  @Test
  void theLongestIdsAreAccepted() {
    var record = intent("\ud83e\udebf".repeat(128), Samples.NOON, "\ud83e\udebf".repeat(128));
    var consumer =
        new AuditConsumerFunction(
            new Composition(table.dynamo(), table.config(), log.log()), System::nanoTime);

    var response = Samples.failures(consumer, event(message("m1", record)), Duration.ofSeconds(30));

    assertThat(response).isEmpty();
    assertThat(table.records()).containsOnlyKeys(record.auditId());
  }
}
