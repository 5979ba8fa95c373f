package dev.skein.api.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.Locale;
import java.util.StringJoiner;

/** Events of HTTP APIs and of function URLs (payload format 2.0). */
public final class PayloadFormat2 {
  private PayloadFormat2() {}

  /** The event of the same request, from a REST API's, which may be faulty. */
  public static ObjectNode of(ObjectNode event) {
    var converted = Json.object().put("version", "2.0").put("routeKey", "$default");
    set(converted, "rawPath", path(event));
    join(event, "headers", "multiValueHeaders", true, converted);
    join(event, "queryStringParameters", "multiValueQueryStringParameters", false, converted);
    var context = converted.putObject("requestContext").put("stage", "api");
    set(context, "requestId", event.path("requestContext").path("requestId"));
    set(context.putObject("http"), "method", event.path("httpMethod"));
    JsonNode arn = event.path("requestContext").path("identity").path("userArn");
    set(context.putObject("authorizer").putObject("iam"), "userArn", arn);
    set(converted, "body", event.path("body"));
    set(converted, "isBase64Encoded", event.path("isBase64Encoded"));
    return converted;
  }

  /** With the stage before it, and the values of path variables in it. */
  private static JsonNode path(ObjectNode event) {
    JsonNode resource = event.path("resource");
    if (!resource.isTextual() || resource.textValue().isEmpty()) {
      return resource;
    }
    String path = "/api" + resource.textValue();
    for (var parameter : event.path("pathParameters").properties()) {
      path = path.replace("{" + parameter.getKey() + "+}", parameter.getValue().asText());
    }
    return JsonNodeFactory.instance.textNode(path);
  }

  private static void join(
      ObjectNode event, String single, String multi, boolean lowerCase, ObjectNode converted) {
    var joined = converted.putObject(single);
    for (var member : event.path(single).properties()) {
      joined.set(name(member.getKey(), lowerCase), member.getValue());
    }
    for (var member : event.path(multi).properties()) {
      var values = new StringJoiner(",");
      member.getValue().forEach(value -> values.add(value.asText()));
      joined.put(name(member.getKey(), lowerCase), values.toString());
    }
  }

  private static String name(String name, boolean lowerCase) {
    return lowerCase ? name.toLowerCase(Locale.ROOT) : name;
  }

  private static void set(ObjectNode object, String name, JsonNode value) {
    if (!value.isMissingNode()) {
      object.set(name, value);
    }
  }
}
