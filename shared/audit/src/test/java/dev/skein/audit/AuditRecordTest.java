package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.audit.AuditRecord.Calls;
import dev.skein.audit.AuditRecord.Cost;
import dev.skein.audit.AuditRecord.CostBounds;
import dev.skein.audit.AuditRecord.Result;
import dev.skein.audit.AuditRecord.StreamSpeed;
import dev.skein.audit.AuditRecord.Tokens;
import dev.skein.audit.AuditRecord.Tried;
import dev.skein.base.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The JSON form is stored for years and read by others: it is pinned here to the byte. */
final class AuditRecordTest {
  private static final String SALT = "00112233445566778899aabbccddeeff";

  private static final AuditRecord INTENT =
      new AuditRecord(
          "a-1",
          Instant.parse("2026-06-15T12:00:00Z"),
          "r-1",
          "/chat",
          "ann",
          "local",
          "gpt-6-luna",
          "gpt-6-luna",
          AuditText.whole("What is a sk\u00e9in?"),
          Optional.empty(),
          Optional.empty(),
          SALT,
          Optional.empty());

  private static final Result FAILURE =
      new Result(
          "gpt-6-luna",
          AuditText.EMPTY,
          Optional.empty(),
          Optional.empty(),
          new Cost(Optional.empty(), true, Optional.empty()),
          new Calls(3, 0, 3),
          9,
          List.of(),
          List.of(),
          List.of(),
          Duration.ofMillis(26_040),
          504,
          Optional.of("timed-out"),
          false,
          Optional.empty(),
          OptionalInt.empty());

  private static final String INTENT_FIELDS =
      """
      "request_id":"r-1","trace_id":null,"endpoint":"/chat","user_id":"ann","identity":"local",\
      "requested_model":"gpt-6-luna","model":"gpt-6-luna",\
      "message_preview":"What is a sk\\u00E9in?","message_length":16,"message_sha256":null,\
      "content_salt":"00112233445566778899aabbccddeeff"\
      """;

  private static Result streamed(StreamSpeed speed) {
    return new Result(
        "gpt-6-luna-2026",
        new AuditText("A bundle.", 1200, Optional.of("ab12"), Optional.empty()),
        Optional.of("length"),
        Optional.of(
            new Tokens(
                12,
                5,
                17,
                OptionalLong.of(0),
                OptionalLong.of(8),
                OptionalLong.empty(),
                Optional.of("flex"))),
        new Cost(Optional.of("0.0000125"), true, Optional.of(new CostBounds("0", "0.001234567"))),
        new Calls(1, 1, 0),
        2,
        List.of(new Tried("gpt-6-luna", "model-unavailable", 1), new Tried("gpt-6-luna", "ok", 1)),
        List.of("req_1"),
        List.of("get_weather", "get_weather"),
        Duration.ofMillis(431),
        200,
        Optional.empty(),
        true,
        Optional.of(speed),
        OptionalInt.of(3));
  }

  private static String json(AuditRecord record) {
    return Json.STRICT.write(record.toJson());
  }

  private static String start(String phase) {
    return """
    {"schema_version":1,"audit_id":"a-1","timestamp":"2026-06-15T12:00:00.000Z","phase":"%s",\
    """
        .formatted(phase);
  }

  @Test
  void anIntentHasTheFieldsOfTheRequest() {
    assertThat(json(INTENT)).isEqualTo(start("intent") + INTENT_FIELDS + "}");
  }

  @Test
  void aKeptPromptHasItsLengthAndDigestInBothPhases() {
    var prompt = new AuditText("not written", 7, Optional.of("ab12"), Optional.of("zip"));
    var intent =
        new AuditRecord(
            "a-1",
            INTENT.timestamp(),
            "r-1",
            "/chat",
            "ann",
            "local",
            "gpt-6-luna",
            "gpt-6-luna",
            INTENT.message(),
            Optional.of(prompt),
            Optional.empty(),
            SALT,
            Optional.empty());
    String fields =
        INTENT_FIELDS.replace(
            "\"content_salt\"", "\"prompt_length\":7,\"prompt_sha256\":\"ab12\",\"content_salt\"");

    assertThat(json(intent)).isEqualTo(start("intent") + fields + "}");
    assertThat(json(intent.completed(FAILURE))).startsWith(start("completed") + fields + ",");
    assertThat(intent.content()).contains(Json.object().put("message", "zip"));
    assertThat(intent.completed(FAILURE).content()).isEmpty();
  }

  @Test
  void aFailureHasNullWhereNothingIsKnownAndNoSpeed() {
    assertThat(json(INTENT.completed(FAILURE)))
        .isEqualTo(
            start("completed")
                + INTENT_FIELDS
                + """
                ,"response_preview":"","response_length":0,"response_sha256":null,\
                "finish_reason":null,"prompt_tokens":null,"completion_tokens":null,\
                "total_tokens":null,"cached_tokens":null,"cache_write_tokens":null,\
                "reasoning_tokens":null,"service_tier":null,"cost_usd":null,\
                "discarded_cost_usd":null,"calls":{"total":3,"ok":0,"failed":3},"attempts":9,\
                "tried":[],"provider_request_ids":[],"tool_calls":[],"latency_ms":26040,"status":504,"error":"timed-out","truncated":false}\
                """);
  }

  @Test
  void aStreamedReplyHasItsSpeed() {
    var speed = new StreamSpeed(Optional.of(Duration.ofMillis(87)), OptionalDouble.of(41.55));

    assertThat(json(INTENT.completed(streamed(speed))))
        .isEqualTo(
            start("completed")
                + INTENT_FIELDS.replace("\"model\":\"gpt-6-luna", "\"model\":\"gpt-6-luna-2026")
                + """
                ,"response_preview":"A bundle.","response_length":1200,"response_sha256":"ab12",\
                "finish_reason":"length","prompt_tokens":12,"completion_tokens":5,\
                "total_tokens":17,"cached_tokens":0,"cache_write_tokens":8,"reasoning_tokens":null,\
                "service_tier":"flex","cost_usd":"0.0000125",\
                "discarded_cost_usd":{"low":"0","high":"0.001234567"},"calls":{"total":1,"ok":1,"failed":0},"attempts":2,\
                "tried":[{"model":"gpt-6-luna","result":"model-unavailable","count":1},\
                {"model":"gpt-6-luna","result":"ok","count":1}],\
                "provider_request_ids":["req_1"],"tool_calls":["get_weather","get_weather"],\
                "latency_ms":431,"status":200,"error":null,"truncated":true,\
                "time_to_first_token_ms":87,"tokens_per_second":41.6,"erased":3}\
                """);
  }

  @Test
  void anUnknownSpeedIsNull() {
    var speed = new StreamSpeed(Optional.empty(), OptionalDouble.empty());

    assertThat(json(INTENT.completed(streamed(speed))))
        .endsWith(",\"time_to_first_token_ms\":null,\"tokens_per_second\":null,\"erased\":3}");
  }
}
