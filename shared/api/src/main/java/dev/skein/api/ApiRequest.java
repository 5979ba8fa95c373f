package dev.skein.api;

import java.util.Map;

/**
 * One HTTP request, as API Gateway hands it over: immutable.
 *
 * @param method upper case
 * @param path the resource's path, without query
 * @param headers by lower-case name; several of one name are joined by commas
 * @param query by name; of several of one name the last
 * @param body the text, empty when there is none
 * @param requestId API Gateway's id of this request, which the caller sees too
 * @param identity who calls: an IAM ARN or the id of an API key
 * @param errors how its route tells a problem
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

  ApiRequest withErrors(ErrorFormat format) {
    return new ApiRequest(method, path, headers, query, body, requestId, identity, format);
  }

  /** Without headers, query and body, which may hold what must not be shown. */
  @Override
  public String toString() {
    return "ApiRequest[" + method + ", requestId=" + requestId + "]";
  }
}
