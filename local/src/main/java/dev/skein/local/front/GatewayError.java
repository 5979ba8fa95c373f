package dev.skein.local.front;

import dev.skein.local.template.Deployment.GatewayResponse;
import java.util.HashMap;
import java.util.Map;

/** API Gateway's own responses, by the names that a template uses. */
enum GatewayError {
  MISSING_AUTHENTICATION_TOKEN(403, "Missing Authentication Token"),
  REQUEST_TOO_LARGE(413, "Request Too Long"),
  THROTTLED(429, "Too Many Requests"),
  INTEGRATION_FAILURE(502, "Internal server error"),
  INTEGRATION_TIMEOUT(504, "Endpoint request timed out"),
  /** Not one of API Gateway's: it closes such a connection without a response. */
  REQUEST_TIMEOUT(408, "The request did not arrive in time"),
  /** Not one of an API's, so a template cannot change it: the request is not valid HTTP. */
  BAD_REQUEST(400, "Bad Request"),
  /** As {@link #BAD_REQUEST}. */
  HEADERS_TOO_LARGE(431, "Request Header Fields Too Large");

  private static final String REQUEST_ID = "$context.requestId";

  private final int status;
  private final String message;

  GatewayError(int status, String message) {
    this.status = status;
    this.message = message;
  }

  /** API Gateway's own response, with more to say than it does. */
  ProxyResponse response(String detail) {
    return ProxyResponse.of(
        status,
        Map.of("Content-Type", "application/json"),
        "{\"message\":\"" + message + ": " + detail + "\"}");
  }

  int status() {
    return status;
  }

  /** The template's response, or its default for the status class, or API Gateway's own. */
  ProxyResponse response(Map<String, GatewayResponse> declared, String requestId) {
    GatewayResponse own =
        new GatewayResponse(
            status,
            Map.of("Content-Type", "application/json"),
            "{\"message\":\"" + message + "\"}");
    String byStatus = status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
    GatewayResponse response = declared.getOrDefault(name(), declared.getOrDefault(byStatus, own));
    Map<String, String> headers = new HashMap<>(response.headers());
    headers.replaceAll((_, value) -> value.equals(REQUEST_ID) ? requestId : value);
    return ProxyResponse.of(
        response.status(), headers, response.body().replace(REQUEST_ID, requestId));
  }
}
