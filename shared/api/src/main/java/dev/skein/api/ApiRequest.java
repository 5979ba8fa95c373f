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
 * @param tracingHeader X-Ray's tracing header of the invocation, whose parent is the function's own
 *     segment; empty if the platform sent none
 */
public record ApiRequest(
    String method,
    String path,
    Map<String, String> headers,
    Map<String, String> query,
    String body,
    String requestId,
    String identity,
    ErrorFormat errors,
    Optional<String> tracingHeader) {

  public ApiRequest {
    headers = Map.copyOf(headers);
    query = Map.copyOf(query);
  }

  /** A request of an invocation without a tracing header. */
  public ApiRequest(
      String method,
      String path,
      Map<String, String> headers,
      Map<String, String> query,
      String body,
      String requestId,
      String identity,
      ErrorFormat errors) {
    this(method, path, headers, query, body, requestId, identity, errors, Optional.empty());
  }

  /** This request, of an invocation with this tracing header. */
  public ApiRequest withTracingHeader(Optional<String> header) {
    return new ApiRequest(method, path, headers, query, body, requestId, identity, errors, header);
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
