package dev.skein.audit;

import static dev.skein.audit.AuditField.Phase.BOTH;
import static dev.skein.audit.AuditField.Phase.COMPLETED;
import static dev.skein.audit.AuditField.Presence.OPTIONAL;
import static dev.skein.audit.AuditField.Presence.REQUIRED;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord.Cost;
import dev.skein.audit.AuditRecord.CostBounds;
import dev.skein.audit.AuditRecord.Result;
import dev.skein.audit.AuditRecord.Tokens;
import dev.skein.audit.AuditRecord.Tried;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an {@link AuditRecord}'s JSON form, declared once, in the order in which they are
 * written. The same list writes a record, checks a message from the queue and orders what the table
 * returns.
 *
 * <p>The form only grows. A new field is {@code OPTIONAL}, because the queue and the table hold
 * records from before it; a value that is unknown is null. Readers ignore fields that they do not
 * know.
 */
public enum AuditField {
  SCHEMA_VERSION("schema_version", BOTH, REQUIRED, FieldType.VERSION),
  AUDIT_ID("audit_id", BOTH, REQUIRED, FieldType.ID),
  TIMESTAMP("timestamp", BOTH, REQUIRED, FieldType.TIMESTAMP),
  PHASE("phase", BOTH, REQUIRED, FieldType.PHASE),
  REQUEST_ID("request_id", BOTH, REQUIRED, FieldType.STRING),
  TRACE_ID("trace_id", BOTH, OPTIONAL, FieldType.STRING_OR_NULL),
  ENDPOINT("endpoint", BOTH, REQUIRED, FieldType.STRING),
  USER_ID("user_id", BOTH, REQUIRED, FieldType.USER_ID),
  IDENTITY("identity", BOTH, REQUIRED, FieldType.STRING),
  REQUESTED_MODEL("requested_model", BOTH, OPTIONAL, FieldType.STRING),
  MODEL("model", BOTH, REQUIRED, FieldType.STRING),
  MESSAGE_PREVIEW("message_preview", BOTH, REQUIRED, FieldType.STRING),
  MESSAGE_LENGTH("message_length", BOTH, OPTIONAL, FieldType.COUNT),
  MESSAGE_SHA256("message_sha256", BOTH, OPTIONAL, FieldType.SHA256_OR_NULL),
  PROMPT_LENGTH("prompt_length", BOTH, OPTIONAL, FieldType.COUNT),
  PROMPT_SHA256("prompt_sha256", BOTH, OPTIONAL, FieldType.SHA256_OR_NULL),
  CONTENT_SALT("content_salt", BOTH, OPTIONAL, FieldType.SALT),
  RESPONSE_PREVIEW("response_preview", COMPLETED, REQUIRED, FieldType.STRING),
  RESPONSE_LENGTH("response_length", COMPLETED, OPTIONAL, FieldType.COUNT),
  RESPONSE_SHA256("response_sha256", COMPLETED, OPTIONAL, FieldType.SHA256_OR_NULL),
  FINISH_REASON("finish_reason", COMPLETED, OPTIONAL, FieldType.STRING_OR_NULL),
  PROMPT_TOKENS("prompt_tokens", COMPLETED, REQUIRED, FieldType.COUNT_OR_NULL),
  COMPLETION_TOKENS("completion_tokens", COMPLETED, REQUIRED, FieldType.COUNT_OR_NULL),
  TOTAL_TOKENS("total_tokens", COMPLETED, REQUIRED, FieldType.COUNT_OR_NULL),
  CACHED_TOKENS("cached_tokens", COMPLETED, OPTIONAL, FieldType.COUNT_OR_NULL),
  CACHE_WRITE_TOKENS("cache_write_tokens", COMPLETED, OPTIONAL, FieldType.COUNT_OR_NULL),
  REASONING_TOKENS("reasoning_tokens", COMPLETED, OPTIONAL, FieldType.COUNT_OR_NULL),
  SERVICE_TIER("service_tier", COMPLETED, OPTIONAL, FieldType.STRING_OR_NULL),
  COST_USD("cost_usd", COMPLETED, OPTIONAL, FieldType.USD_OR_NULL),
  DISCARDED_COST_USD("discarded_cost_usd", COMPLETED, OPTIONAL, FieldType.USD_BOUNDS_OR_NULL),
  CALLS("calls", COMPLETED, REQUIRED, FieldType.CALLS),
  ATTEMPTS("attempts", COMPLETED, REQUIRED, FieldType.COUNT),
  TRIED("tried", COMPLETED, OPTIONAL, FieldType.TRIED),
  PROVIDER_REQUEST_IDS("provider_request_ids", COMPLETED, OPTIONAL, FieldType.STRINGS),
  TOOL_CALLS("tool_calls", COMPLETED, OPTIONAL, FieldType.STRINGS),
  LATENCY_MS("latency_ms", COMPLETED, REQUIRED, FieldType.COUNT),
  STATUS("status", COMPLETED, REQUIRED, FieldType.COUNT),
  ERROR("error", COMPLETED, REQUIRED, FieldType.STRING_OR_NULL),
  TRUNCATED("truncated", COMPLETED, REQUIRED, FieldType.BOOLEAN),
  TIME_TO_FIRST_TOKEN_MS("time_to_first_token_ms", COMPLETED, OPTIONAL, FieldType.COUNT_OR_NULL),
  TOKENS_PER_SECOND("tokens_per_second", COMPLETED, OPTIONAL, FieldType.RATE_OR_NULL),
  ERASED("erased", COMPLETED, OPTIONAL, FieldType.COUNT);

  enum Phase {
    BOTH,
    COMPLETED
  }

  enum Presence {
    REQUIRED,
    OPTIONAL
  }

  private final String json;
  private final Phase phase;
  private final Presence presence;
  private final FieldType type;

  AuditField(String json, Phase phase, Presence presence, FieldType type) {
    this.json = json;
    this.phase = phase;
    this.presence = presence;
    this.type = type;
  }

  /** The name in JSON. */
  public String json() {
    return json;
  }

  /**
   * Whether a record has one value of this field in both of its phases: a result that differs from
   * the stored intent in such a field belongs to another request.
   */
  public boolean isSameInBothPhases() {
    return phase == BOTH && presence == REQUIRED && this != PHASE && this != MODEL;
  }

  /** The names of all fields, each followed by those of its members. */
  public static List<String> names() {
    var names = new ArrayList<String>();
    for (AuditField field : values()) {
      names.add(field.json);
      names.addAll(field.type.members());
    }
    return names;
  }

  /** Why {@code record} is not the JSON form of a record; empty when it is one. */
  public static Optional<String> problem(JsonNode record) {
    for (AuditField field : values()) {
      JsonNode value = record.path(field.json);
      boolean absent = value.isMissingNode() && field.presence == OPTIONAL;
      boolean expected = field.phase == BOTH || AuditRecord.isCompleted(record);
      if (expected && !absent && !field.type.accepts(value)) {
        return Optional.of(field.json + " must be " + field.type.expected);
      }
    }
    return Optional.empty();
  }

  static ObjectNode write(AuditRecord record) {
    var json = Json.object();
    for (AuditField field : values()) {
      if (field.phase == BOTH) {
        field.write(record, json);
      } else if (record.result().isPresent()) {
        field.write(record.result().get(), json);
      }
    }
    return json;
  }

  private void write(AuditRecord record, ObjectNode to) {
    switch (this) {
      case SCHEMA_VERSION -> to.put(json, AuditRecord.SCHEMA_VERSION);
      case AUDIT_ID -> to.put(json, record.auditId());
      case TIMESTAMP -> to.put(json, Log.timestamp(record.timestamp()));
      case PHASE -> to.put(json, record.result().isPresent() ? "completed" : "intent");
      case REQUEST_ID -> to.put(json, record.requestId());
      case TRACE_ID -> to.put(json, record.traceId().orElse(null));
      case ENDPOINT -> to.put(json, record.endpoint());
      case USER_ID -> to.put(json, record.userId());
      case IDENTITY -> to.put(json, record.identity());
      case REQUESTED_MODEL -> to.put(json, record.requestedModel());
      case MODEL -> to.put(json, record.model());
      case MESSAGE_PREVIEW -> to.put(json, record.message().preview());
      case MESSAGE_LENGTH -> to.put(json, record.message().length());
      case MESSAGE_SHA256 -> to.put(json, record.message().sha256().orElse(null));
      case PROMPT_LENGTH -> record.prompt().ifPresent(it -> to.put(json, it.length()));
      case PROMPT_SHA256 -> record.prompt().ifPresent(it -> to.put(json, it.sha256().orElse(null)));
      case CONTENT_SALT -> to.put(json, record.contentSalt());
      default -> throw new IllegalStateException(json + " is not written");
    }
  }

  private void write(Result result, ObjectNode to) {
    switch (this) {
      case RESPONSE_PREVIEW -> to.put(json, result.response().preview());
      case RESPONSE_LENGTH -> to.put(json, result.response().length());
      case RESPONSE_SHA256 -> to.put(json, result.response().sha256().orElse(null));
      case FINISH_REASON -> to.put(json, result.finishReason().orElse(null));
      case PROMPT_TOKENS -> to.put(json, result.tokens().map(Tokens::prompt).orElse(null));
      case COMPLETION_TOKENS -> to.put(json, result.tokens().map(Tokens::completion).orElse(null));
      case TOTAL_TOKENS -> to.put(json, result.tokens().map(Tokens::total).orElse(null));
      case CACHED_TOKENS -> to.put(json, count(result.tokens().map(Tokens::cached)));
      case CACHE_WRITE_TOKENS -> to.put(json, count(result.tokens().map(Tokens::cacheWrite)));
      case REASONING_TOKENS -> to.put(json, count(result.tokens().map(Tokens::reasoning)));
      case SERVICE_TIER -> to.put(json, result.tokens().flatMap(Tokens::serviceTier).orElse(null));
      case COST_USD -> to.put(json, result.cost().usd().orElse(null));
      case DISCARDED_COST_USD -> write(result.cost(), to);
      case CALLS ->
          to.putObject(json)
              .put("total", result.calls().total())
              .put("ok", result.calls().ok())
              .put("failed", result.calls().failed());
      case ATTEMPTS -> to.put(json, result.attempts());
      case TRIED -> write(result.tried(), to.putArray(json));
      case PROVIDER_REQUEST_IDS -> result.providerRequestIds().forEach(to.putArray(json)::add);
      case TOOL_CALLS -> result.toolCalls().forEach(to.putArray(json)::add);
      case LATENCY_MS -> to.put(json, result.latency().toMillis());
      case STATUS -> to.put(json, result.status());
      case ERROR -> to.put(json, result.error().orElse(null));
      case TRUNCATED -> to.put(json, result.truncated());
      case TIME_TO_FIRST_TOKEN_MS ->
          result.streamed().ifPresent(it -> to.put(json, milliseconds(it.timeToFirstToken())));
      case TOKENS_PER_SECOND ->
          result.streamed().ifPresent(it -> to.put(json, oneDecimal(it.tokensPerSecond())));
      case ERASED -> result.erased().ifPresent(count -> to.put(json, count));
      default -> throw new IllegalStateException(json + " is not written");
    }
  }

  private void write(Cost cost, ObjectNode to) {
    if (cost.discarded().isPresent()) {
      CostBounds bounds = cost.discarded().get();
      to.putObject(json).put("low", bounds.low()).put("high", bounds.high());
    } else if (cost.hasDiscarded()) {
      to.putNull(json);
    }
  }

  private static void write(List<Tried> tried, ArrayNode to) {
    for (Tried it : tried) {
      to.addObject().put("model", it.model()).put("result", it.result()).put("count", it.count());
    }
  }

  private static @Nullable Long count(Optional<OptionalLong> count) {
    return count.isPresent() && count.get().isPresent() ? (Long) count.get().getAsLong() : null;
  }

  private static @Nullable Long milliseconds(Optional<Duration> time) {
    return time.map(Duration::toMillis).orElse(null);
  }

  private static @Nullable Double oneDecimal(OptionalDouble rate) {
    return rate.isPresent() ? (Double) (Math.round(rate.getAsDouble() * 10) / 10.0) : null;
  }
}
