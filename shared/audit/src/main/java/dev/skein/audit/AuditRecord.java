package dev.skein.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the trail keeps of one request that called a model. It is written twice: as an {@code
 * intent} beside the call, and as {@code completed} with the result. Both carry the same id and
 * time, and the second holds all that the first does, so that either may arrive alone, late or
 * twice.
 *
 * <p>The JSON form only ever grows: a reader takes fields that it does not know for granted.
 *
 * @param auditId one for each HTTP request
 * @param timestamp when the request began, in both phases
 * @param requestId API Gateway's id, which the caller knows
 * @param endpoint the route, such as {@code /chat}
 * @param userId whom the caller says it serves
 * @param identity who called: an IAM ARN or the id of an API key
 * @param model the model that was asked; in the result, the one that says it answered
 * @param messagePreview the beginning of the caller's text; may be empty
 * @param result absent in an intent
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

  /** The form's version; another one is another form. */
  public static final int SCHEMA_VERSION = 1;

  /**
   * How it ended.
   *
   * @param model the model that says it answered, else the one that was asked
   * @param responsePreview the beginning of the reply; may be empty
   * @param tokens what was billed, as far as the provider told; unknown is not zero
   * @param calls the model calls of this request
   * @param attempts how often anything was sent to a provider
   * @param tried what came of these attempts
   * @param latency from the request's beginning until the reply was ready
   * @param status the HTTP status of the reply
   * @param error the class of the first failure, which a reply of 200 may hold too
   * @param truncated whether a token bound ended any text
   * @param streamed how fast it came; empty where the reply left whole
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
      Optional<Streamed> streamed) {

    public Result {
      tried = List.copyOf(tried);
    }
  }

  /**
   * The speed of a reply that left as the model wrote it.
   *
   * @param timeToFirstToken from the request's beginning; empty when none came
   * @param tokensPerSecond after the first; empty when the provider did not tell the tokens, or
   *     there were fewer than two
   */
  public record Streamed(Optional<Duration> timeToFirstToken, OptionalDouble tokensPerSecond) {}

  /** Tokens, summed over the calls. */
  public record Tokens(long prompt, long completion, long total) {}

  /** How many model calls there were, and how they ended. */
  public record Calls(int total, int ok, int failed) {}

  /**
   * Attempts that had the same result at the same model.
   *
   * @param model the model that was asked, which tells the provider too
   * @param result {@code ok}, or the class of the error
   * @param count at least 1
   */
  public record Tried(String model, String result, int count) {}

  /** The same record with its result. */
  public AuditRecord completed(Result ending) {
    return new AuditRecord(
        auditId,
        timestamp,
        requestId,
        endpoint,
        userId,
        identity,
        ending.model(),
        messagePreview,
        Optional.of(ending));
  }

  /** The message on the queue, the item in the table and the record in the log. */
  public ObjectNode toJson() {
    var json = Json.object();
    json.put("schema_version", SCHEMA_VERSION);
    json.put("audit_id", auditId);
    json.put("timestamp", Log.timestamp(timestamp));
    json.put("phase", result.isPresent() ? "completed" : "intent");
    json.put("request_id", requestId);
    json.put("endpoint", endpoint);
    json.put("user_id", userId);
    json.put("identity", identity);
    json.put("model", model);
    json.put("message_preview", messagePreview);
    result.ifPresent(ending -> write(ending, json));
    return json;
  }

  private static void write(Result result, ObjectNode json) {
    json.put("response_preview", result.responsePreview());
    json.put("prompt_tokens", result.tokens().map(Tokens::prompt).orElse(null));
    json.put("completion_tokens", result.tokens().map(Tokens::completion).orElse(null));
    json.put("total_tokens", result.tokens().map(Tokens::total).orElse(null));
    json.putObject("calls")
        .put("total", result.calls().total())
        .put("ok", result.calls().ok())
        .put("failed", result.calls().failed());
    json.put("attempts", result.attempts());
    var tried = json.putArray("tried");
    result
        .tried()
        .forEach(
            it ->
                tried
                    .addObject()
                    .put("model", it.model())
                    .put("result", it.result())
                    .put("count", it.count()));
    json.put("latency_ms", result.latency().toMillis());
    json.put("status", result.status());
    json.put("error", result.error().orElse(null));
    json.put("truncated", result.truncated());
    result.streamed().ifPresent(speed -> write(speed, json));
  }

  private static void write(Streamed speed, ObjectNode json) {
    json.put(
        "time_to_first_token_ms", speed.timeToFirstToken().map(Duration::toMillis).orElse(null));
    Double tokens =
        speed.tokensPerSecond().isPresent()
            ? Math.round(speed.tokensPerSecond().getAsDouble() * 10) / 10.0
            : null;
    json.put("tokens_per_second", tokens);
  }
}
