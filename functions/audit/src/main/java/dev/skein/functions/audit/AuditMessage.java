package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One message of the audit queue, checked: it has every field of an {@link AuditRecord}'s JSON
 * form, each of its type, but for {@code tried}, which records from before it lack, and the speed
 * of a stream, which others have not. Fields that this version does not know are kept as they are.
 * Not to be changed once read.
 */
final class AuditMessage {
  /** 128 characters of four bytes; a DynamoDB partition key takes 2,048 bytes. */
  private static final int MAX_USER_ID_BYTES = 512;

  private record Rule(String field, Predicate<JsonNode> fits, String need) {}

  private static final List<Rule> OF_EACH =
      List.of(
          new Rule(
              "schema_version",
              node -> node.isInt() && node.intValue() == AuditRecord.SCHEMA_VERSION,
              "must be " + AuditRecord.SCHEMA_VERSION),
          new Rule("audit_id", AuditMessage::isId, "must be a text of 1 to 128 characters"),
          new Rule(
              "timestamp",
              node -> instant(node).isPresent(),
              "must be a time in UTC with exactly three decimals"),
          new Rule("phase", AuditMessage::isPhase, "must be intent or completed"),
          text("request_id"),
          text("endpoint"),
          new Rule("user_id", AuditMessage::isUserId, "must be a text of 1 to 512 bytes"),
          text("identity"),
          text("model"),
          text("message_preview"));

  private static final List<Rule> OF_COMPLETED =
      List.of(
          text("response_preview"),
          new Rule("prompt_tokens", AuditMessage::isCountOrNull, "must be a count or null"),
          new Rule("completion_tokens", AuditMessage::isCountOrNull, "must be a count or null"),
          new Rule("total_tokens", AuditMessage::isCountOrNull, "must be a count or null"),
          new Rule("calls", AuditMessage::isCalls, "must hold the counts total, ok and failed"),
          new Rule("attempts", AuditMessage::isCount, "must be a count"),
          new Rule(
              "tried",
              node -> node.isMissingNode() || isTried(node),
              "must be a list of model, result and count"),
          new Rule("latency_ms", AuditMessage::isCount, "must be a count"),
          new Rule("status", AuditMessage::isCount, "must be a count"),
          new Rule("error", node -> node.isTextual() || node.isNull(), "must be a text or null"),
          new Rule("truncated", JsonNode::isBoolean, "must be true or false"),
          new Rule(
              "time_to_first_token_ms",
              node -> node.isMissingNode() || isCountOrNull(node),
              "must be a count or null"),
          new Rule(
              "tokens_per_second",
              node -> node.isMissingNode() || node.isNull() || isPositive(node),
              "must be a number above 0 or null"));

  private final ObjectNode record;
  private final Instant timestamp;

  private AuditMessage(ObjectNode record, Instant timestamp) {
    this.record = record;
    this.timestamp = timestamp;
  }

  /**
   * Reads a message's body.
   *
   * @param body null where the message has none
   * @throws PoisonException when it is not the JSON form of a record
   */
  static AuditMessage read(@Nullable String body) throws PoisonException {
    ObjectNode record = object(body);
    check(record, OF_EACH);
    if (isCompleted(record)) {
      check(record, OF_COMPLETED);
    }
    for (String derived : AuditItem.DERIVED) {
      if (record.has(derived)) {
        // Stored, it would be lost: the table has an attribute of its own by this name.
        throw new PoisonException(derived + " is a name that the table keeps for itself");
      }
    }
    return new AuditMessage(record, instant(record.path("timestamp")).orElseThrow());
  }

  /** The whole record, as it was sent. */
  ObjectNode record() {
    return record;
  }

  Instant timestamp() {
    return timestamp;
  }

  /** Whether a record tells its end, and not only its beginning. */
  static boolean isCompleted(JsonNode record) {
    return record.path("phase").asText().equals("completed");
  }

  private static ObjectNode object(@Nullable String body) throws PoisonException {
    try {
      if (body != null && Json.STRICT.parse(body) instanceof ObjectNode object) {
        return object;
      }
    } catch (MalformedJsonException e) {
      throw new PoisonException("the body " + e.getMessage());
    }
    throw new PoisonException("the body is not a JSON object");
  }

  private static void check(ObjectNode record, List<Rule> rules) throws PoisonException {
    for (Rule rule : rules) {
      if (!rule.fits().test(record.path(rule.field()))) {
        throw new PoisonException(rule.field() + " " + rule.need());
      }
    }
  }

  private static Rule text(String field) {
    return new Rule(field, JsonNode::isTextual, "must be a text");
  }

  private static boolean isId(JsonNode node) {
    return node.isTextual() && AuditItem.isId(node.textValue());
  }

  private static boolean isUserId(JsonNode node) {
    int bytes = node.isTextual() ? node.textValue().getBytes(StandardCharsets.UTF_8).length : 0;
    return bytes >= 1 && bytes <= MAX_USER_ID_BYTES;
  }

  private static boolean isPhase(JsonNode node) {
    return node.isTextual() && List.of("intent", "completed").contains(node.textValue());
  }

  private static boolean isCount(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
  }

  private static boolean isCountOrNull(JsonNode node) {
    return node.isNull() || isCount(node);
  }

  private static boolean isPositive(JsonNode node) {
    return node.isNumber() && node.doubleValue() > 0;
  }

  private static boolean isCalls(JsonNode node) {
    return Stream.of("total", "ok", "failed").allMatch(count -> isCount(node.path(count)));
  }

  private static boolean isTried(JsonNode node) {
    return node.isArray()
        && node.valueStream()
            .allMatch(
                it ->
                    it.path("model").isTextual()
                        && it.path("result").isTextual()
                        && isCount(it.path("count")));
  }

  private static Optional<Instant> instant(JsonNode node) {
    return node.isTextual() ? AuditItem.instant(node.textValue()) : Optional.empty();
  }
}
