package dev.skein.local.front;

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
 * A response to an HTTP caller.
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

  /** Whether it has this header, in any case. */
  boolean hasHeader(String name) {
    return headers.keySet().stream().anyMatch(name::equalsIgnoreCase);
  }

  /** Whether its body is a stream of server-sent events. */
  boolean isEventStream() {
    return headers.entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
        .flatMap(header -> header.getValue().stream())
        .anyMatch(type -> type.startsWith("text/event-stream"));
  }

  /** Parses a function's Lambda proxy response; empty if it is invalid. */
  static Optional<ProxyResponse> parse(byte[] payload) {
    JsonNode response = json(payload);
    JsonNode body = response.path("body");
    if (!body.isTextual() && !isAbsent(body)) {
      return Optional.empty();
    }
    String text = isAbsent(body) ? "" : body.textValue();
    try {
      return head(
          response,
          response.path("isBase64Encoded").asBoolean(false)
              ? Base64.getDecoder().decode(text)
              : text.getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Parses the JSON prelude of a streamed response; empty if it is invalid. */
  static Optional<ProxyResponse> parsePrelude(byte[] prelude) {
    JsonNode response = json(prelude);
    JsonNode cookies = response.path("cookies");
    if (!cookies.isArray() && !isAbsent(cookies)) {
      return Optional.empty();
    }
    Optional<ProxyResponse> head = head(response, new byte[0]);
    if (!cookies.isEmpty()) {
      head.ifPresent(it -> it.headers().put("Set-Cookie", texts(cookies)));
    }
    return head;
  }

  private static JsonNode json(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      return JSON.nullNode();
    }
  }

  private static Optional<ProxyResponse> head(JsonNode response, byte[] body) {
    int status = response.path("statusCode").asInt(0);
    JsonNode single = response.path("headers");
    JsonNode multiple = response.path("multiValueHeaders");
    boolean valid = response.isObject() && status >= 200 && status <= 599;
    if (!valid || !isObjectOrAbsent(single) || !isObjectOrAbsent(multiple)) {
      return Optional.empty();
    }
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> header : single.properties()) {
      valid &= header.getValue().isValueNode() && !header.getValue().isNull();
      headers.put(header.getKey(), List.of(header.getValue().asText()));
    }
    for (Map.Entry<String, JsonNode> header : multiple.properties()) {
      valid &= header.getValue().isArray();
      headers.keySet().removeIf(header.getKey()::equalsIgnoreCase);
      headers.put(header.getKey(), texts(header.getValue()));
    }
    return valid ? Optional.of(new ProxyResponse(status, headers, body)) : Optional.empty();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  private static boolean isObjectOrAbsent(JsonNode node) {
    return node.isObject() || isAbsent(node);
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }
}
