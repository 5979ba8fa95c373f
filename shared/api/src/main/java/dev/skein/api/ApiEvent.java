package dev.skein.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Reads API Gateway's event: the REST API's payload format 1.0, and 2.0 as HTTP APIs and function
 * URLs send it.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html">Lambda
 *     proxy integrations</a>
 */
final class ApiEvent {
  private ApiEvent() {}

  /**
   * The request in an event.
   *
   * @param absentRequestId what to use where the event has none
   * @throws RefusedException when the event is no HTTP request, or its body cannot be decoded
   */
  static ApiRequest read(JsonNode event, String absentRequestId) throws RefusedException {
    JsonNode context = event.path("requestContext");
    JsonNode http = context.path("http");
    String method = firstText(event.path("httpMethod"), http.path("method"));
    String path = firstText(event.path("resource"), event.path("rawPath"));
    if (method.isEmpty() || path.isEmpty()) {
      throw new RefusedException(
          Problem.malformedRequest(
              "The event is not an API Gateway request: it has no httpMethod and resource."));
    }
    String requestId = firstText(context.path("requestId"));
    return new ApiRequest(
        method.toUpperCase(Locale.ROOT),
        path,
        headers(event),
        strings(event.path("queryStringParameters")),
        body(event),
        requestId.isEmpty() ? absentRequestId : requestId,
        identity(context),
        ErrorFormat.PROBLEM);
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

  private static String body(JsonNode event) throws RefusedException {
    String body = firstText(event.path("body"));
    if (!event.path("isBase64Encoded").asBoolean(false)) {
      return body;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(body);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
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
