package dev.skein.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Log;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the audit trail keeps of one request that called a model. A record is sent twice: as an
 * {@code intent} in parallel with the model call, and as {@code completed} with the result. Both
 * have the same id and time, and the second has everything that the first has, so either may arrive
 * alone, late or twice. {@link AuditField} declares the JSON form. Immutable.
 *
 * @param auditId unique for each HTTP request; 1 to 128 characters
 * @param timestamp when the request began, in both phases
 * @param requestId API Gateway's request id, which the caller also receives
 * @param endpoint the route, such as {@code /chat}
 * @param userId the end user that the caller names, or {@code anonymous}
 * @param identity the caller: an IAM ARN or the id of an API key
 * @param model the model that was asked; in a completed record, the model that answered
 * @param messagePreview the beginning of the caller's text; may be empty
 * @param result empty in an intent
 */
public record AuditRecord(
    String auditId,
    Instant timestamp,
    String requestId,
    String endpoint,
    String userId,
    String identity,
    String model,
    String messagePreview,
    Optional<Result> result) {

  /** The version of the JSON form. It changes only if the form stops being compatible. */
  public static final int SCHEMA_VERSION = 1;

  private static final int MAX_ID_CHARACTERS = 128;
  private static final int TIMESTAMP_LENGTH = "2026-01-01T00:00:00.000Z".length();

  /**
   * How the request ended.
   *
   * @param model the model that answered, or the one that was asked if none did
   * @param responsePreview the beginning of the reply; may be empty
   * @param tokens the tokens that were billed; empty if the provider did not report them
   * @param calls the model calls of this request
   * @param attempts how many times a request was sent to a provider
   * @param tried the results of these attempts
   * @param latency from the beginning of the request until the reply was ready
   * @param status the HTTP status of the reply
   * @param error the class of the first failure, which a reply with status 200 may also have
   * @param truncated whether any text hit its token limit
   * @param streamed how fast the reply was streamed; empty if it was sent whole
   */
  public record Result(
      String model,
      String responsePreview,
      Optional<Tokens> tokens,
      Calls calls,
      int attempts,
      List<Tried> tried,
      Duration latency,
      int status,
      Optional<String> error,
      boolean truncated,
      Optional<StreamSpeed> streamed) {

    public Result {
      tried = List.copyOf(tried);
    }
  }

  /**
   * The speed of a streamed reply.
   *
   * @param timeToFirstToken from the beginning of the request; empty if there was no token
   * @param tokensPerSecond after the first token; empty if the provider reported fewer than two
   *     tokens, or none
   */
  public record StreamSpeed(Optional<Duration> timeToFirstToken, OptionalDouble tokensPerSecond) {}

  /** Token counts, summed over the calls. */
  public record Tokens(long prompt, long completion, long total) {}

  /** The number of model calls, and how many of them succeeded and failed. */
  public record Calls(int total, int ok, int failed) {}

  /**
   * Attempts with the same result at the same model.
   *
   * @param model the model that was asked
   * @param result {@code ok}, or the class of the error
   * @param count at least 1
   */
  public record Tried(String model, String result, int count) {}

  /** This record with its result. */
  public AuditRecord completed(Result result) {
    return new AuditRecord(
        auditId,
        timestamp,
        requestId,
        endpoint,
        userId,
        identity,
        result.model(),
        messagePreview,
        Optional.of(result));
  }

  /** The JSON form: the message on the queue, the item in the table and the record in the log. */
  public ObjectNode toJson() {
    return AuditField.write(this);
  }

  /** Whether a record's JSON form has a result. */
  public static boolean isCompleted(JsonNode json) {
    return json.path("phase").asText().equals("completed");
  }

  /** Whether a text may be an audit id: 1 to 128 characters. */
  public static boolean isId(String text) {
    return !text.isEmpty() && text.codePointCount(0, text.length()) <= MAX_ID_CHARACTERS;
  }

  /** The time in a text; empty when it is not exactly as {@link Log#timestamp} writes it. */
  public static Optional<Instant> parseTimestamp(String text) {
    if (text.length() != TIMESTAMP_LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text)).filter(time -> Log.timestamp(time).equals(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
