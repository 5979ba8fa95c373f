package dev.skein.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.Unicode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the audit trail keeps of one request that called a model. A record is sent twice: as an
 * {@code intent} in parallel with the model call, and as {@code completed} with the result. Both
 * have the same id and time, and the second has everything that the first has, so either may arrive
 * alone, late or twice. {@link AuditField} declares the JSON form. Every value has a limit, so that
 * a record always fits into a message of the queue and into an item of the table. Immutable.
 *
 * @param auditId unique for each HTTP request; 1 to 128 characters
 * @param timestamp when the request began, in both phases
 * @param requestId API Gateway's request id, which the caller also receives
 * @param endpoint the route, such as {@code /chat}
 * @param userId the end user that the caller names, or {@code anonymous}
 * @param identity the caller: an IAM ARN or the id of an API key
 * @param requestedModel the model that was asked
 * @param model the same; in a completed record, the model that answered
 * @param message the caller's text, without its content: that is the prompt's
 * @param prompt everything that the model was asked; empty unless whole texts are kept
 * @param traceId the caller's trace
 * @param contentSalt 32 random hex digits, by which a digest of the texts cannot be guessed
 * @param result empty in an intent
 */
public record AuditRecord(
    String auditId,
    Instant timestamp,
    String requestId,
    String endpoint,
    String userId,
    String identity,
    String requestedModel,
    String model,
    AuditText message,
    Optional<AuditText> prompt,
    Optional<String> traceId,
    String contentSalt,
    Optional<Result> result) {

  /** The version of the JSON form. It changes only if the form stops being compatible. */
  public static final int SCHEMA_VERSION = 1;

  private static final int MAX_ID_CHARACTERS = 128;
  private static final int MAX_MODEL = 256;
  private static final int MAX_IDENTITY = 1024;
  private static final int TIMESTAMP_LENGTH = "2026-01-01T00:00:00.000Z".length();

  /**
   * How the request ended.
   *
   * @param model the model that answered, or the one that was asked if none did
   * @param response the reply
   * @param finishReason why the model stopped, in the provider's word; with several calls, the
   *     first that is not {@code stop}
   * @param tokens the tokens that were billed; empty if the provider did not report them
   * @param cost what the calls cost
   * @param calls the model calls of this request
   * @param attempts how many times a request was sent to a provider
   * @param tried the results of these attempts; no more than {@value #MAX_TRIED} are kept
   * @param providerRequestIds the providers' IDs of the calls, in order; no more than {@value
   *     #MAX_LISTED} are kept
   * @param toolCalls the names of the tools that the model calls, likewise
   * @param latency from the beginning of the request until the reply was ready
   * @param status the HTTP status of the reply
   * @param error the class of the first failure, which a reply with status 200 may also have
   * @param truncated whether any text hit its token limit
   * @param streamed how fast the reply was streamed; empty if it was sent whole
   * @param erased how many records were erased; empty unless that was the request
   */
  public record Result(
      String model,
      AuditText response,
      Optional<String> finishReason,
      Optional<Tokens> tokens,
      Cost cost,
      Calls calls,
      int attempts,
      List<Tried> tried,
      List<String> providerRequestIds,
      List<String> toolCalls,
      Duration latency,
      int status,
      Optional<String> error,
      boolean truncated,
      Optional<StreamSpeed> streamed,
      OptionalInt erased) {
    static final int MAX_TRIED = 20;
    static final int MAX_LISTED = 32;

    public Result {
      model = Unicode.cut(model, MAX_MODEL);
      tried = List.copyOf(tried.subList(0, Math.min(tried.size(), MAX_TRIED)));
      providerRequestIds = firstOf(providerRequestIds);
      toolCalls = firstOf(toolCalls);
    }

    /** A result whose reply is kept whole, and says nothing about itself. */
    public Result(
        String model,
        String response,
        Optional<Tokens> tokens,
        Calls calls,
        int attempts,
        List<Tried> tried,
        Duration latency,
        int status,
        Optional<String> error,
        boolean truncated,
        Optional<StreamSpeed> streamed) {
      this(
          model,
          AuditText.whole(response),
          Optional.empty(),
          tokens,
          Cost.UNKNOWN,
          calls,
          attempts,
          tried,
          List.of(),
          List.of(),
          latency,
          status,
          error,
          truncated,
          streamed,
          OptionalInt.empty());
    }

    private static List<String> firstOf(List<String> list) {
      return List.copyOf(list.subList(0, Math.min(list.size(), MAX_LISTED)));
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

  /**
   * Token counts, summed over the calls.
   *
   * @param prompt with the cached and the cache-written ones
   * @param completion with the reasoning
   * @param cached those of the prompts that the provider read from its cache; empty if it does not
   *     report them
   * @param cacheWrite those of the prompts that the provider wrote to its cache; empty as well
   * @param reasoning those of the completions that the model thought with; empty as well
   * @param serviceTier the provider's service tier, in its own word; empty if it did not say, or if
   *     the calls were served on different ones
   */
  public record Tokens(
      long prompt,
      long completion,
      long total,
      OptionalLong cached,
      OptionalLong cacheWrite,
      OptionalLong reasoning,
      Optional<String> serviceTier) {

    /** Counts without details. */
    public Tokens(long prompt, long completion, long total) {
      this(
          prompt,
          completion,
          total,
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty());
    }
  }

  /**
   * What the model calls cost, in decimal US dollars with at most nine decimals.
   *
   * @param usd the cost of the calls whose reply was used; empty if it is unknown
   * @param hasDiscarded whether an attempt may have been billed whose reply was discarded
   * @param discarded the cost of these attempts; empty if it is unknown, or there were none
   */
  public record Cost(Optional<String> usd, boolean hasDiscarded, Optional<CostBounds> discarded) {
    /** Nothing is known, and nothing was discarded. */
    public static final Cost UNKNOWN = new Cost(Optional.empty(), false, Optional.empty());
  }

  /** The bounds of a cost, in decimal US dollars. */
  public record CostBounds(String low, String high) {}

  /** The number of model calls, and how many of them succeeded and failed. */
  public record Calls(int total, int ok, int failed) {}

  /**
   * Attempts with the same result at the same model.
   *
   * @param model the model that was asked
   * @param result {@code ok}, or the class of the error
   * @param count at least 1
   */
  public record Tried(String model, String result, int count) {
    private static final int MAX_NAME = 64;

    public Tried {
      model = Unicode.cut(model, MAX_NAME);
    }
  }

  public AuditRecord {
    identity = Unicode.cut(identity, MAX_IDENTITY);
    requestedModel = Unicode.cut(requestedModel, MAX_MODEL);
    model = Unicode.cut(model, MAX_MODEL);
  }

  /** A record whose model is the requested one, and whose message is kept whole. */
  public AuditRecord(
      String auditId,
      Instant timestamp,
      String requestId,
      String endpoint,
      String userId,
      String identity,
      String model,
      String message,
      Optional<Result> result) {
    this(
        auditId,
        timestamp,
        requestId,
        endpoint,
        userId,
        identity,
        model,
        model,
        AuditText.whole(message),
        Optional.empty(),
        Optional.empty(),
        "0".repeat(32),
        result);
  }

  /** This record with its result. */
  public AuditRecord completed(Result result) {
    return new AuditRecord(
        auditId,
        timestamp,
        requestId,
        endpoint,
        userId,
        identity,
        requestedModel,
        result.model(),
        message,
        prompt,
        traceId,
        contentSalt,
        Optional.of(result));
  }

  /** The text that this phase adds to the record, if whole texts are kept. */
  Optional<ObjectNode> content() {
    return result.isPresent()
        ? result.get().response().content().map(it -> Json.object().put("response", it))
        : prompt.flatMap(AuditText::content).map(it -> Json.object().put("message", it));
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
