package dev.skein.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Unicode;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * API Gateway's event: the REST API's payload format 1.0, and 2.0 as HTTP APIs and function URLs
 * send it.
 *
 * @param requestId API Gateway's, or another where the event has none that a header can hold
 * @param method upper case; empty when the event is not an HTTP request
 * @param path the resource's path, with the value of its greedy path variable and without a
 *     trailing slash; empty when the event is not an HTTP request
 * @param headers by lower-case name; repeated ones are joined by commas
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html">Lambda
 *     proxy integrations</a>
 */
record ApiEvent(
    JsonNode event, String requestId, String method, String path, Map<String, String> headers) {

  private static final int MAX_REQUEST_ID = 128;

  /** Reads what every request has, so that its refusal can be logged. */
  static ApiEvent of(JsonNode event, String defaultRequestId) {
    JsonNode context = event.path("requestContext");
    String requestId = firstText(context.path("requestId"));
    String method = firstText(event.path("httpMethod"), context.path("http").path("method"));
    return new ApiEvent(
        event,
        isHeaderValue(requestId) ? requestId : defaultRequestId,
        method.toUpperCase(Locale.ROOT),
        path(event),
        headers(event));
  }

  private static boolean isHeaderValue(String id) {
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) < '!' || id.charAt(i) > '~') {
        return false;
      }
    }
    return !id.isEmpty() && id.length() <= MAX_REQUEST_ID;
  }

  private static String path(JsonNode event) {
    String path = firstText(event.path("resource"), event.path("rawPath"));
    if (path.endsWith("+}")) {
      int variable = path.lastIndexOf('{');
      String name = path.substring(variable + 1, path.length() - 2);
      path = path.substring(0, variable) + event.path("pathParameters").path(name).asText("");
    }
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /** Whether the event is an HTTP request. */
  boolean isRequest() {
    return !method.isEmpty() && !path.isEmpty();
  }

  /**
   * The request in the event.
   *
   * @param errors the route's
   * @throws RefusedException when the body cannot be decoded, or is compressed
   */
  ApiRequest request(ErrorFormat errors) throws RefusedException {
    return new ApiRequest(
        method,
        path,
        headers,
        strings(event.path("queryStringParameters")),
        body(),
        requestId,
        identity(event.path("requestContext")),
        errors,
        repeated(event.path("multiValueQueryStringParameters")),
        Optional.empty());
  }

  /** The trace that the request belongs to. */
  Optional<String> traceId() {
    return TraceId.of(headers);
  }

  private static Map<String, String> headers(JsonNode event) {
    var headers = new HashMap<String, String>();
    strings(event.path("headers"))
        .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    for (var header : event.path("multiValueHeaders").properties()) {
      var values = new StringBuilder();
      for (JsonNode value : header.getValue()) {
        values.append(values.isEmpty() ? "" : ", ").append(value.asText());
      }
      headers.put(header.getKey().toLowerCase(Locale.ROOT), values.toString());
    }
    return headers;
  }

  private static Map<String, String> strings(JsonNode object) {
    var strings = new HashMap<String, String>();
    for (var member : object.properties()) {
      if (member.getValue().isTextual()) {
        strings.put(member.getKey(), member.getValue().textValue());
      }
    }
    return strings;
  }

  private static Set<String> repeated(JsonNode lists) {
    Set<String> names = Set.of();
    for (var list : lists.properties()) {
      if (list.getValue().size() > 1) {
        names = names.isEmpty() ? new HashSet<>() : names;
        names.add(list.getKey());
      }
    }
    return names;
  }

  private String body() throws RefusedException {
    String body = firstText(event.path("body"));
    if (!event.path("isBase64Encoded").asBoolean(false)) {
      return body;
    }
    JsonBody.requireNoCoding(headers);
    try {
      byte[] bytes = Base64.getDecoder().decode(body);
      return Unicode.decode(bytes, 0, bytes.length);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Problem.malformedRequest("The body is not valid base64."));
    } catch (CharacterCodingException e) {
      throw new RefusedException(Problem.malformedRequest("The body is not valid UTF-8."));
    }
  }

  private static String identity(JsonNode context) {
    JsonNode identity = context.path("identity");
    String known =
        firstText(
            identity.path("userArn"),
            context.path("authorizer").path("iam").path("userArn"),
            identity.path("apiKeyId"),
            context.path("authorizer").path("principalId"));
    return known.isEmpty() ? "unknown" : known;
  }

  private static String firstText(JsonNode... candidates) {
    for (JsonNode candidate : candidates) {
      if (candidate.isTextual() && !candidate.textValue().isEmpty()) {
        return candidate.textValue();
      }
    }
    return "";
  }
}
