package dev.skein.local.front;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.local.services.Arns;
import dev.skein.local.template.Deployment.Route;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** API Gateway's proxy event of a REST API (payload format 1.0). */
final class ProxyEvent {

  /** An emoji is as long in the event as in the body. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private static final DateTimeFormatter REQUEST_TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern WORD_START = Pattern.compile("(^|-)([a-z])");
  private static final String LOCAL = "local";
  private static final String LOOPBACK = "127.0.0.1";
  private static final List<String> IDENTITY_FIELDS =
      List.of(
          ("accessKey accountId apiKey apiKeyId caller cognitoAuthenticationProvider"
                  + " cognitoAuthenticationType cognitoIdentityId cognitoIdentityPoolId"
                  + " principalOrgId user userArn")
              .split(" "));

  private ProxyEvent() {}

  /**
   * @param id the request ID
   * @param body the request's body; the exchange's was read before
   * @param identity what is known of the caller, by the names of {@code requestContext.identity}
   * @param trace the X-Ray header of its trace
   */
  static byte[] of(
      Exchange request,
      String id,
      byte[] body,
      Route route,
      Map<String, String> identity,
      String trace) {
    ObjectNode event = JSON.createObjectNode();
    event.put("resource", route.path());
    event.put("path", request.path());
    event.put("httpMethod", request.method());
    put(event, "headers", "multiValueHeaders", headers(request, trace));
    put(
        event,
        "queryStringParameters",
        "multiValueQueryStringParameters",
        request.target().query());
    pathParameters(event, route);
    event.putNull("stageVariables");
    event.set("requestContext", context(request, id, route, identity));
    body(event, body);
    try {
      return JSON.writeValueAsBytes(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pathParameters(ObjectNode event, Route route) {
    if (!route.isGreedy()) {
      event.putNull("pathParameters");
      return;
    }
    String prefix = route.prefix();
    String name = route.path().substring(prefix.length() + 1, route.path().length() - 2);
    String value = event.path("path").textValue().substring(prefix.length());
    event.putObject("pathParameters").put(name, value);
  }

  /** All values, and in the single-value form the last one; null if there are none. */
  private static void put(
      ObjectNode event, String single, String multi, Map<String, List<String>> values) {
    if (values.isEmpty()) {
      event.putNull(single);
      event.putNull(multi);
      return;
    }
    ObjectNode last = event.putObject(single);
    ObjectNode all = event.putObject(multi);
    values.forEach(
        (name, list) -> {
          last.put(name, list.getLast());
          ArrayNode array = all.putArray(name);
          list.forEach(array::add);
        });
  }

  private static Map<String, List<String>> headers(Exchange request, String trace) {
    Map<String, List<String>> headers = new TreeMap<>();
    request.request().fields().forEach((name, values) -> headers.put(canonical(name), values));
    headers.remove("Connection");
    headers.remove("Transfer-Encoding");
    headers.put("X-Amzn-Trace-Id", List.of(trace));
    headers.put("X-Forwarded-For", List.of(LOOPBACK));
    headers.put("X-Forwarded-Port", List.of(Integer.toString(request.localPort())));
    headers.put("X-Forwarded-Proto", List.of("http"));
    return headers;
  }

  /** {@code content-type} as API Gateway writes it: {@code Content-Type}. */
  private static String canonical(String name) {
    return WORD_START
        .matcher(name.toLowerCase(Locale.ROOT))
        .replaceAll(word -> word.group().toUpperCase(Locale.ROOT));
  }

  private static ObjectNode context(
      Exchange request, String id, Route route, Map<String, String> identity) {
    Instant time = Instant.now();
    ObjectNode context = JSON.createObjectNode();
    String host = request.header("Host");
    context.put("accountId", Arns.ACCOUNT);
    context.put("apiId", LOCAL);
    context.put("domainName", host == null ? LOOPBACK : host);
    context.put("domainPrefix", LOCAL);
    context.put("extendedRequestId", id);
    context.put("httpMethod", request.method());
    context.put("path", request.path());
    context.put("protocol", request.request().protocol());
    context.put("requestId", id);
    context.put("requestTime", REQUEST_TIME.format(time));
    context.put("requestTimeEpoch", time.toEpochMilli());
    context.put("resourceId", LOCAL);
    context.put("resourcePath", route.path());
    context.put("stage", LOCAL);
    context.set("identity", identity(request, identity));
    return context;
  }

  private static ObjectNode identity(Exchange request, Map<String, String> known) {
    ObjectNode identity = JSON.createObjectNode();
    IDENTITY_FIELDS.forEach(identity::putNull);
    identity.put("sourceIp", LOOPBACK);
    identity.put("userAgent", request.header("User-Agent"));
    known.forEach(identity::put);
    return identity;
  }

  /**
   * Text if the bytes are UTF-8, else base64: the function must not take replacement characters for
   * what the caller sent.
   */
  private static void body(ObjectNode event, byte[] body) {
    boolean base64 = false;
    if (body.length == 0) {
      event.putNull("body");
    } else {
      try {
        event.put(
            "body", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
      } catch (CharacterCodingException e) {
        event.put("body", Base64.getEncoder().encodeToString(body));
        base64 = true;
      }
    }
    event.put("isBase64Encoded", base64);
  }
}
