package dev.skein.local.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What the functions' logs say about the model calls of each request. The last event of a request,
 * {@code model_calls}, is written after its response. Thread-safe.
 */
final class ModelCalls {

  /**
   * The model calls of one request.
   *
   * @param models each model with its attempts, and why they failed; empty if nothing is known
   * @param failed whether the last of them failed
   * @param tokens prompt and completion tokens, and what they cost; empty if they are unknown
   */
  record Summary(String models, boolean failed, String tokens) {
    static final Summary UNKNOWN = new Summary("", false, "");
  }

  /** The events before the last one. */
  private static final class Pending {
    private final List<String> failures = new ArrayList<>();
    private final CompletableFuture<Summary> summary = new CompletableFuture<>();
  }

  /** An attempt that succeeded, in the field {@code tried}. */
  private static final Pattern OK = Pattern.compile("([^ ,]+) ok(?: x(\\d+))?");

  private static final int MAX_REQUESTS = 1000;

  /** Longer than an audit record may take, which is sent before the event is written. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);

  private final Map<String, Pending> requests = new LinkedHashMap<>();
  private final Duration maxWait;

  ModelCalls() {
    this(MAX_WAIT);
  }

  /**
   * @param maxWait the longest wait for the last event of a request
   */
  ModelCalls(Duration maxWait) {
    this.maxWait = maxWait;
  }

  /** Reads a function's log event. */
  void add(LogLine line) {
    JsonNode fields = line.fields();
    String id = fields.path("request_id").asText();
    switch (line.event()) {
      case "model_attempt_failed", "model_call_skipped" -> addFailure(id, failure(fields));
      case "model_calls" -> complete(id, fields);
      default -> {
        // Says nothing about model calls.
      }
    }
  }

  /** Completes with the last event of the request, or after the longest wait without it. */
  CompletableFuture<Summary> of(String requestId) {
    return request(requestId)
        .summary
        .copy()
        .completeOnTimeout(Summary.UNKNOWN, maxWait.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> forget(requestId));
  }

  private synchronized void addFailure(String id, String failure) {
    request(id).failures.add(failure);
  }

  private void complete(String id, JsonNode fields) {
    Pending request = request(id);
    // Outside of the lock, because the line is printed on this thread.
    request.summary.complete(summary(request, fields));
  }

  private synchronized Summary summary(Pending request, JsonNode fields) {
    List<String> models = new ArrayList<>(request.failures);
    boolean failed = fields.path("ok").asInt() == 0;
    OK.matcher(fields.path("tried").asText())
        .results()
        .map(ok -> ok.group(1) + times(ok.group(2) == null ? "1" : ok.group(2)))
        .forEach(models::add);
    String tokens =
        fields.has("prompt_tokens")
            ? fields.path("prompt_tokens") + " + " + fields.path("completion_tokens") + " tokens"
            : "";
    return new Summary(String.join("; ", models), failed, tokens + cost(fields, tokens));
  }

  private static String cost(JsonNode fields, String tokens) {
    String cost = fields.path("cost_usd").asText("0");
    return tokens.isEmpty() || cost.equals("0") ? "" : ", $" + cost;
  }

  private synchronized Pending request(String id) {
    if (requests.size() > MAX_REQUESTS) {
      requests.remove(requests.keySet().iterator().next());
    }
    return requests.computeIfAbsent(id, _ -> new Pending());
  }

  private synchronized void forget(String id) {
    requests.remove(id);
  }

  private static String failure(JsonNode fields) {
    if (fields.has("omitted")) {
      return fields.path("omitted") + " more";
    }
    String model = fields.path("model").asText();
    return model + times(fields.path("count").asText()) + ": " + reason(fields);
  }

  private static String reason(JsonNode fields) {
    if (fields.has("upstream_status")) {
      String code = fields.path("code").asText();
      return "upstream " + fields.path("upstream_status") + (code.isEmpty() ? "" : " " + code);
    }
    if (fields.has("limit")) {
      return fields.path("limit").asText().replace('_', ' ') + " timeout";
    }
    return fields.path("reason").asText(fields.path("error").asText()).replace('_', ' ');
  }

  private static String times(String count) {
    return count.equals("1") ? "" : " \u00d7" + count;
  }
}
