package dev.skein.local.front;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What goes back to an HTTP caller.
 *
 * @param headers names, as given, to their values
 * @param body not copied
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
record ProxyResponse(int status, Map<String, List<String>> headers, byte[] body) {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  static ProxyResponse of(int status, Map<String, String> headers, String body) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    headers.forEach((name, value) -> all.put(name, List.of(value)));
    return new ProxyResponse(status, all, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads a function's proxy response; empty when it is not one. */
  static Optional<ProxyResponse> ofFunction(byte[] payload) {
    try {
      JsonNode response = JSON.readTree(payload);
      JsonNode body = response.path("body");
      if (!body.isTextual() && !isAbsent(body)) {
        return Optional.empty();
      }
      String text = isAbsent(body) ? "" : body.textValue();
      byte[] bytes =
          response.path("isBase64Encoded").asBoolean(false)
              ? Base64.getDecoder().decode(text)
              : text.getBytes(StandardCharsets.UTF_8);
      return head(response, bytes);
    } catch (JacksonException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads what comes before the body of a response that streams; empty when it is not that. */
  static Optional<ProxyResponse> ofPrelude(byte[] prelude) {
    try {
      JsonNode response = JSON.readTree(prelude);
      JsonNode cookies = response.path("cookies");
      if (!cookies.isArray() && !isAbsent(cookies)) {
        return Optional.empty();
      }
      Optional<ProxyResponse> answer = head(response, new byte[0]);
      List<String> lines = new ArrayList<>();
      cookies.forEach(cookie -> lines.add(cookie.asText()));
      if (!lines.isEmpty()) {
        answer.ifPresent(it -> it.headers().put("Set-Cookie", lines));
      }
      return answer;
    } catch (JacksonException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<ProxyResponse> head(JsonNode response, byte[] body) {
    int status = response.path("statusCode").asInt(0);
    if (!response.isObject() || status < 200 || status > 599) {
      return Optional.empty();
    }
    Map<String, List<String>> headers = new LinkedHashMap<>();
    return addSingle(response.path("headers"), headers)
            && addMultiple(response.path("multiValueHeaders"), headers)
        ? Optional.of(new ProxyResponse(status, headers, body))
        : Optional.empty();
  }

  private static boolean addSingle(JsonNode node, Map<String, List<String>> headers) {
    for (Map.Entry<String, JsonNode> header : node.properties()) {
      if (!header.getValue().isValueNode() || header.getValue().isNull()) {
        return false;
      }
      headers.put(header.getKey(), List.of(header.getValue().asText()));
    }
    return node.isObject() || isAbsent(node);
  }

  private static boolean addMultiple(JsonNode node, Map<String, List<String>> headers) {
    for (Map.Entry<String, JsonNode> header : node.properties()) {
      List<String> values = new ArrayList<>();
      header.getValue().forEach(value -> values.add(value.asText()));
      if (!header.getValue().isArray()) {
        return false;
      }
      headers.keySet().removeIf(header.getKey()::equalsIgnoreCase);
      headers.put(header.getKey(), values);
    }
    return node.isObject() || isAbsent(node);
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }
}
