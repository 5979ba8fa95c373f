package dev.skein.faults;

import static dev.skein.faults.Fault.Wire.ANY;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Answers that refuse, throttle, or tell of a failure. */
final class AnswerFaults {
  private AnswerFaults() {}

  static void addTo(FaultList faults) {
    rejects(faults);
    credentials(faults);
    throttles(faults);
    breaks(faults);
  }

  private static void rejects(FaultList faults) {
    faults.family("rejects");
    faults.error("bad-request", 400, "invalid_value");
    faults.error("context-length", 400, "context_length_exceeded");
    faults.error("content-policy", 400, "content_policy_violation");
    faults.error("model-not-found", 404, "model_not_found");
    faults.error("method-not-allowed", 405, "method_not_allowed");
    faults.error("content-too-large", 413, "request_too_large");
    faults.error("unprocessable", 422, "unprocessable");
    faults.add(
        "prose-as-code",
        ANY,
        () ->
            ScriptedReply.error(
                400, FaultCatalogue.PROSE + " in words", FaultCatalogue.PROSE + " in words"));
  }

  private static void credentials(FaultList faults) {
    faults.family("credentials");
    faults.error("bad-key", 401, "invalid_api_key");
    faults.error("forbidden", 403, "unsupported_country");
    faults.error("quota-used-up", 429, "insufficient_quota");
    faults.error("billing-not-active", 429, "billing_not_active");
  }

  private static void throttles(FaultList faults) {
    faults.family("throttles");
    throttle(faults, "retry-after-seconds", () -> Map.of("Retry-After", "1"));
    throttle(faults, "retry-after-beyond-the-deadline", () -> Map.of("Retry-After", "60"));
    throttle(faults, "retry-after-milliseconds", () -> Map.of("retry-after-ms", "50"));
    throttle(
        faults,
        "retry-after-in-both-units",
        () -> Map.of("retry-after-ms", "50", "Retry-After", "60"));
    throttle(
        faults, "retry-after-date", () -> Map.of("Retry-After", dateIn(Duration.ofSeconds(1))));
    throttle(
        faults, "retry-after-past-date", () -> Map.of("Retry-After", dateIn(Duration.ofHours(-1))));
    throttle(
        faults, "retry-after-far-date", () -> Map.of("Retry-After", dateIn(Duration.ofHours(1))));
    throttle(faults, "retry-after-absurd", () -> Map.of("Retry-After", "99999999999"));
    throttle(faults, "retry-after-negative", () -> Map.of("Retry-After", "-5"));
    throttle(faults, "retry-after-not-a-number", () -> Map.of("Retry-After", "NaN"));
    throttle(faults, "retry-after-words", () -> Map.of("Retry-After", "soon"));
    throttle(faults, "retry-after-none", Map::of);
    throttle(faults, "should-retry-false", () -> Map.of("x-should-retry", "false"));
    faults.add(
        "should-retry-true",
        ANY,
        () ->
            ScriptedReply.status(
                400,
                Map.of("x-should-retry", "true", "retry-after-ms", "1"),
                FaultCatalogue.PROSE));
    faults.once(
        "throttled-once",
        () -> ScriptedReply.status(429, Map.of("retry-after-ms", "50"), FaultCatalogue.PROSE));
  }

  private static void throttle(
      FaultList faults, String name, Supplier<Map<String, String>> headers) {
    faults.add(name, ANY, () -> ScriptedReply.status(429, headers.get(), FaultCatalogue.PROSE));
  }

  private static String dateIn(Duration wait) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        ZonedDateTime.now(ZoneOffset.UTC).plus(wait));
  }

  private static void breaks(FaultList faults) {
    faults.family("breaks");
    for (int status : List.of(408, 409, 500, 502, 503, 504, 529)) {
      faults.add(
          "status-" + status,
          ANY,
          () -> ScriptedReply.error(status, FaultCatalogue.PROSE, "broken"));
    }
    faults.add(
        "retry-later-than-the-deadline",
        ANY,
        () -> ScriptedReply.status(503, Map.of("Retry-After", "60"), FaultCatalogue.PROSE));
    faults.once("flapping", () -> ScriptedReply.error(503, FaultCatalogue.PROSE, "broken"));
  }
}
