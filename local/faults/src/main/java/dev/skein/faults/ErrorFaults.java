package dev.skein.faults;

import static dev.skein.faults.FaultCatalogue.PROSE;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/** Replies with an error status. */
final class ErrorFaults {
  private ErrorFaults() {}

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
    faults.any("prose-as-code", ScriptedReply.error(400, PROSE + " in words", PROSE + " in words"));
    body(faults, "error-as-string", 400, "{'error': 'PROSE', 'error_type': 'validation'}");
    body(faults, "error-at-the-top", 400, "{'object': 'error', 'message': 'PROSE', 'code': 400}");
    body(faults, "error-as-detail", 422, "{'detail': [{'type': 'missing', 'msg': 'PROSE'}]}");
    body(
        faults,
        "moderation-403",
        403,
        "{'error': {'code': 403, 'message': 'PROSE', 'metadata': {'flagged_input': 'PROSE'}}}");
  }

  private static void credentials(FaultList faults) {
    faults.family("credentials");
    faults.error("bad-key", 401, "invalid_api_key");
    faults.error("forbidden", 403, "unsupported_country");
    faults.error("quota-used-up", 429, "insufficient_quota");
    faults.error("billing-not-active", 429, "billing_not_active");
    body(
        faults,
        "quota-in-type",
        429,
        "{'error': {'message': 'PROSE', 'type': 'exceeded_current_quota_error'}}");
    body(
        faults,
        "pay-402",
        402,
        "{'error': {'message': 'PROSE', 'type': 'unknown_error', 'code':"
            + " 'invalid_request_error'}}");
    body(
        faults,
        "gemini-key-invalid",
        400,
        "[{'error': {'code': 400, 'message': 'PROSE', 'status': 'INVALID_ARGUMENT',"
            + " 'details': [{'reason': 'API_KEY_INVALID', 'domain': 'googleapis.com'}]}}]");
    body(
        faults,
        "suspended-412",
        412,
        "{'error': {'message': 'PROSE', 'code': 'PRECONDITION_FAILED'}}");
    body(
        faults,
        "key-refused-in-prose",
        400,
        "{'code': 'PROSE in words', 'error': 'Incorrect API key provided: PROSE'}");
  }

  private static void throttles(FaultList faults) {
    faults.family("throttles");
    retryAfter(faults, "seconds", "1");
    retryAfter(faults, "beyond-the-deadline", "60");
    faults.throttle("retry-after-milliseconds", () -> Map.of("retry-after-ms", "50"));
    faults.throttle(
        "retry-after-in-both-units", () -> Map.of("retry-after-ms", "50", "Retry-After", "60"));
    faults.throttle("retry-after-date", () -> dateIn(Duration.ofSeconds(1)));
    faults.throttle("retry-after-past-date", () -> dateIn(Duration.ofHours(-1)));
    faults.throttle("retry-after-far-date", () -> dateIn(Duration.ofHours(1)));
    retryAfter(faults, "absurd", "99999999999");
    retryAfter(faults, "negative", "-5");
    retryAfter(faults, "not-a-number", "NaN");
    retryAfter(faults, "words", "soon");
    faults.throttle("retry-after-none", Map::of);
    faults.throttle("should-retry-false", () -> Map.of("x-should-retry", "false"));
    var retry = Map.of("x-should-retry", "true", "retry-after-ms", "1");
    faults.any("should-retry-true", ScriptedReply.status(400, retry, PROSE));
    faults.once("throttled-once", ScriptedReply.status(429, Map.of("retry-after-ms", "50"), PROSE));
  }

  private static void retryAfter(FaultList faults, String name, String value) {
    faults.throttle("retry-after-" + name, () -> Map.of("Retry-After", value));
  }

  private static Map<String, String> dateIn(Duration wait) {
    var date = ZonedDateTime.now(ZoneOffset.UTC).plus(wait);
    return Map.of("Retry-After", DateTimeFormatter.RFC_1123_DATE_TIME.format(date));
  }

  private static void breaks(FaultList faults) {
    faults.family("breaks");
    for (int status : List.of(408, 409, 500, 502, 503, 504, 529)) {
      faults.error("status-" + status, status, "broken");
    }
    faults.error("status-424", 424, "model_error");
    faults.error("flex-498", 498, "capacity_exceeded");
    body(
        faults,
        "500-that-blames-the-request",
        500,
        "{'error': {'message': 'PROSE', 'type': 'invalid_request_error', 'code': 500}}");
    faults.any(
        "retry-later-than-the-deadline",
        ScriptedReply.status(503, Map.of("Retry-After", "60"), PROSE));
    faults.once("flapping", ScriptedReply.error(503, "scripted_error", "broken"));
  }

  /** As the OpenAI API sends it: with a code, a type, and prose. */
  static String errorObject(String code) {
    return json("{'error': {'message': 'PROSE', 'type': 'scripted', 'code': '" + code + "'}}");
  }

  private static void body(FaultList faults, String name, int status, String body) {
    faults.any(name, ScriptedReply.json(status, json(body)));
  }

  /** JSON with single quotes, in which PROSE stands for the provider's words. */
  private static String json(String body) {
    return body.replace('\'', '"').replace("PROSE", PROSE);
  }
}
