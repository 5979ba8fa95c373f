package dev.skein.api;

import java.util.Map;
import java.util.Optional;

/**
 * One HTTP request, as API Gateway passes it on. Immutable.
 *
 * @param method upper case
 * @param path without query and trailing slash; may be percent-encoded
 * @param headers by lower-case name; repeated headers are joined by commas
 * @param query by name; for repeated names the last value
 * @param body decoded; empty when there is none
 * @param requestId API Gateway's id of this request, which the caller sees too
 * @param identity the caller's: an IAM ARN or the ID of an API key
 * @param errors the format of the route's error responses
 */
public record ApiRequest(
    String method,
    String path,
    Map<String, String> headers,
    Map<String, String> query,
    String body,
    String requestId,
    String identity,
    ErrorFormat errors) {

  public ApiRequest {
    headers = Map.copyOf(headers);
    query = Map.copyOf(query);
  }

  /** The trace that the request belongs to, as its caller or API Gateway names it. */
  public Optional<String> traceId() {
    return TraceId.of(headers);
  }

  /** Without headers, query and body, which may hold personal data and secrets. */
  @Override
  public String toString() {
    return "ApiRequest[" + method + ", requestId=" + requestId + "]";
  }
}
