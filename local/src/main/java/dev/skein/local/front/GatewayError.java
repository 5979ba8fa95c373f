package dev.skein.local.front;

import dev.skein.local.template.Deployment.GatewayResponse;
import java.util.HashMap;
import java.util.Map;

/** API Gateway's own responses, by the names that a template uses, and the front door's. */
enum GatewayError {
  MISSING_AUTHENTICATION_TOKEN(403, "Missing Authentication Token"),
  UNAUTHORIZED(401, "Unauthorized"),
  INVALID_API_KEY(403, "Forbidden"),
  INVALID_SIGNATURE(403, "Forbidden"),
  REQUEST_TOO_LARGE(413, "Request Too Long"),
  THROTTLED(429, "Too Many Requests"),
  QUOTA_EXCEEDED(429, "Limit Exceeded"),
  INTEGRATION_FAILURE(502, "Internal server error"),
  INTEGRATION_TIMEOUT(504, "Endpoint request timed out"),
  /** Not one of API Gateway's: it closes such a connection without a response. */
  REQUEST_TIMEOUT(408, "request-timeout", "Request timeout"),
  /** Not one of an API's, so a template cannot change it: the request is not valid HTTP. */
  BAD_REQUEST(400, "malformed-request", "Malformed request"),
  /** As {@link #BAD_REQUEST}. */
  HEADERS_TOO_LARGE(431, "headers-too-large", "Request header fields too large");

  private static final String REQUEST_ID = "$context.requestId";

  private final int status;

  /** The last part of the problem document's {@code type}; empty for API Gateway's responses. */
  private final String problem;

  private final String title;

  GatewayError(int status, String message) {
    this(status, "", message);
  }

  GatewayError(int status, String problem, String title) {
    this.status = status;
    this.problem = problem;
    this.title = title;
  }

  int status() {
    return status;
  }

  /**
   * The front door's own response: a problem document, and in it the error object that OpenAI's
   * clients read. It contains nothing of the request.
   *
   * @param detail a sentence
   */
  ProxyResponse response(String requestId, String detail) {
    String body =
        """
        {"type":"urn:skein:problem:%1$s","title":"%2$s","status":%3$d,"detail":"%4$s",\
        "instance":"urn:skein:request:%5$s","error":{"message":"%4$s",\
        "type":"invalid_request_error","param":null,"code":"%6$s"}}\
        """
            .formatted(problem, title, status, detail, requestId, problem.replace('-', '_'));
    return ProxyResponse.of(
        status,
        Map.of("Content-Type", "application/problem+json", "X-Request-Id", requestId),
        body);
  }

  /** The template's response, or its default for the status class, or API Gateway's own. */
  ProxyResponse response(Map<String, GatewayResponse> declared, String requestId) {
    GatewayResponse own =
        new GatewayResponse(
            status, Map.of("Content-Type", "application/json"), "{\"message\":\"" + title + "\"}");
    String byStatus = status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
    GatewayResponse response = declared.getOrDefault(name(), declared.getOrDefault(byStatus, own));
    Map<String, String> headers = new HashMap<>(response.headers());
    headers.replaceAll((_, value) -> value.equals(REQUEST_ID) ? requestId : value);
    return ProxyResponse.of(
        response.status(), headers, response.body().replace(REQUEST_ID, requestId));
  }
}
