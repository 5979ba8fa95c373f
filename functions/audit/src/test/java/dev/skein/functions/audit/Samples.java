package dev.skein.functions.audit;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.FakeContext;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditRecord.Calls;
import dev.skein.audit.AuditRecord.Cost;
import dev.skein.audit.AuditRecord.CostBounds;
import dev.skein.audit.AuditRecord.Result;
import dev.skein.audit.AuditRecord.StreamSpeed;
import dev.skein.audit.AuditRecord.Tokens;
import dev.skein.audit.AuditRecord.Tried;
import dev.skein.audit.AuditText;
import dev.skein.base.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Records and messages to test with. */
final class Samples {
  static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");

  private Samples() {}

  static AuditRecord intent(String auditId, Instant timestamp, String userId) {
    return new AuditRecord(
        auditId,
        timestamp,
        "request-of-" + auditId,
        "/chat",
        userId,
        "arn:aws:iam::123456789012:user/ann",
        "m-1",
        "m-1",
        new AuditText(
            "What is a skein? \u00e9 \ud83e\udebf \u0000",
            2000,
            Optional.of("1f".repeat(32)),
            Optional.empty()),
        Optional.empty(),
        Optional.of("4bf92f3577b34da6a3ce929d0e0e4736"),
        "00112233445566778899aabbccddeeff",
        Optional.empty());
  }

  static AuditRecord intent(String auditId) {
    return intent(auditId, NOON, "ann");
  }

  /** The same, of a function that keeps whole texts. */
  static AuditRecord intentWithPrompt(String auditId) {
    var intent = intent(auditId);
    return new AuditRecord(
        auditId,
        intent.timestamp(),
        intent.requestId(),
        intent.endpoint(),
        intent.userId(),
        intent.identity(),
        intent.requestedModel(),
        intent.model(),
        intent.message(),
        Optional.of(new AuditText("", 4000, Optional.of("3d".repeat(32)), Optional.empty())),
        intent.traceId(),
        intent.contentSalt(),
        Optional.empty());
  }

  static AuditRecord completed(AuditRecord intent) {
    return intent.completed(
        new Result(
            "m-1-dated",
            new AuditText(
                "A bundle of threads.", 3000, Optional.of("2e".repeat(32)), Optional.empty()),
            Optional.of("tool_calls"),
            Optional.of(
                new Tokens(
                    12,
                    5,
                    17,
                    OptionalLong.of(4),
                    OptionalLong.of(3),
                    OptionalLong.of(2),
                    Optional.of("default"))),
            new Cost(Optional.of("0.0000125"), true, Optional.of(new CostBounds("0", "0.002"))),
            new Calls(1, 1, 0),
            2,
            List.of(new Tried("m-1", "model-unavailable", 1), new Tried("m-1", "ok", 1)),
            List.of("req_1"),
            List.of("get_weather"),
            Duration.ofMillis(431),
            200,
            Optional.empty(),
            false,
            Optional.of(
                new StreamSpeed(Optional.of(Duration.ofMillis(87)), OptionalDouble.of(41.53))),
            OptionalInt.of(7)));
  }

  static AuditRecord failed(AuditRecord intent) {
    return intent.completed(
        new Result(
            intent.model(),
            AuditText.EMPTY,
            Optional.empty(),
            Optional.empty(),
            Cost.UNKNOWN,
            new Calls(3, 0, 3),
            9,
            List.of(new Tried("m-1", "model-timed-out", 9)),
            List.of(),
            List.of(),
            Duration.ofMillis(26_040),
            504,
            Optional.of("model-timed-out"),
            false,
            Optional.empty(),
            OptionalInt.empty()));
  }

  static String body(AuditRecord record) {
    return Json.STRICT.write(record.toJson());
  }

  static ObjectNode message(@Nullable String messageId, @Nullable String body) {
    var message = Json.object();
    if (messageId != null) {
      message.put("messageId", messageId);
    }
    if (body != null) {
      message.put("body", body);
    }
    return message;
  }

  static ObjectNode message(String messageId, AuditRecord record) {
    return message(messageId, body(record));
  }

  static ObjectNode event(ObjectNode... messages) {
    return event(List.of(messages));
  }

  static ObjectNode event(List<ObjectNode> messages) {
    var event = Json.object();
    event.putArray("Records").addAll(messages);
    return event;
  }

  /**
   * Invokes the consumer as Lambda does; returns the ids of the messages that failed, read by the
   * class of AWS's events library.
   */
  static List<String> failures(AuditConsumerFunction consumer, JsonNode event, Duration time) {
    var response = new ByteArrayOutputStream();
    try {
      consumer.handleRequest(
          new ByteArrayInputStream(Json.STRICT.writeUtf8(event)), response, new FakeContext(time));
      return new ObjectMapper()
          .readValue(response.toByteArray(), SQSBatchResponse.class).getBatchItemFailures().stream()
              .map(BatchItemFailure::getItemIdentifier)
              .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
