package dev.skein.api;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One HTTP request, as API Gateway passes it on. Immutable.
 *
 * @param method upper case
 * @param path without query and trailing slash; may be percent-encoded
 * @param headers by lower-case name; repeated headers are joined by commas
 * @param query by name; for repeated names the last value, or all of them joined by commas (payload
 *     format 2.0)
 * @param body decoded; empty when there is none
 * @param requestId API Gateway's id of this request, which the caller sees too
 * @param identity the caller's: an IAM ARN or the ID of an API key
 * @param errors the format of the route's error responses
 * @param repeated the names in the query that are there more than once, where the event says so
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
    Set<String> repeated,
    Optional<String> tracingHeader) {

  public ApiRequest {
    headers = Map.copyOf(headers);
    query = Map.copyOf(query);
    repeated = Set.copyOf(repeated);
  }

  /** A request without repeated names in its query, of an invocation without a tracing header. */
  public ApiRequest(
      String method,
      String path,
      Map<String, String> headers,
      Map<String, String> query,
      String body,
      String requestId,
      String identity,
      ErrorFormat errors) {
    this(
        method,
        path,
        headers,
        query,
        body,
        requestId,
        identity,
        errors,
        Set.of(),
        Optional.empty());
  }

  /** This request, of an invocation with this tracing header. */
  public ApiRequest withTracingHeader(Optional<String> header) {
    return new ApiRequest(
        method, path, headers, query, body, requestId, identity, errors, repeated, header);
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
