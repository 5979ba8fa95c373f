package dev.skein.local.front;

import dev.skein.local.template.Deployment.GatewayResponse;
import java.util.Map;

/** API Gateway's own answers, by the names that a template gives them. */
enum GatewayError {
  MISSING_AUTHENTICATION_TOKEN(403, "Missing Authentication Token"),
  REQUEST_TOO_LARGE(413, "Request Too Long"),
  THROTTLED(429, "Too Many Requests"),
  INTEGRATION_FAILURE(502, "Internal server error"),
  INTEGRATION_TIMEOUT(504, "Endpoint request timed out"),
  /** Not one of API Gateway's names: it closes such a connection without an answer. */
  REQUEST_TIMEOUT(408, "The request did not arrive in time");

  private final int status;
  private final String message;

  GatewayError(int status, String message) {
    this.status = status;
    this.message = message;
  }

  /** The template's answer, else its default for the class of status, else API Gateway's. */
  ProxyResponse answer(Map<String, GatewayResponse> declared, String requestId) {
    GatewayResponse response = declared.get(name());
    if (response == null) {
      response = declared.get(status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
    }
    if (response == null) {
      response =
          new GatewayResponse(
              status,
              Map.of("Content-Type", "application/json"),
              "{\"message\":\"" + message + "\"}");
    }
    return ProxyResponse.of(
        response.status(),
        response.headers(),
        response.body().replace("$context.requestId", requestId));
  }
}
