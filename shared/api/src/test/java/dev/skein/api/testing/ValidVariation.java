package dev.skein.api.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How one valid request may differ from another, as a change of its event: the response is the
 * same.
 *
 * @param name for the test's report
 */
public record ValidVariation(String name, Consumer<ObjectNode> change) {

  /** The change of a copy of a valid event. */
  public ObjectNode of(ObjectNode valid) {
    ObjectNode event = valid.deepCopy();
    change.accept(event);
    return event;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Those of any request. */
  public static List<ValidVariation> ofRequests() {
    return List.of(
        new ValidVariation("no headers", event -> remove(event, "headers", "multiValueHeaders")),
        new ValidVariation(
            "null headers", event -> event.putNull("headers").putNull("multiValueHeaders")),
        new ValidVariation("headers with one value", event -> remove(event, "multiValueHeaders")),
        new ValidVariation("headers with all values", event -> remove(event, "headers")),
        new ValidVariation(
            "headers that are null",
            event -> event.withObject("/headers").putNull("X-Request-Timeout-Ms")),
        new ValidVariation(
            "lists for objects",
            event -> {
              event.remove("multiValueHeaders");
              event.putArray("headers");
              event.putArray("pathParameters");
              event.putArray("requestContext");
            }),
        new ValidVariation("no context", event -> remove(event, "requestContext")),
        new ValidVariation("a null context", event -> event.putNull("requestContext")),
        new ValidVariation(
            "a null identity", event -> event.withObject("/requestContext").putNull("identity")),
        new ValidVariation(
            "a request ID that is no header",
            event -> event.withObject("/requestContext").put("requestId", "a\r\nX: y")),
        new ValidVariation(
            "members that nobody knows",
            event -> event.put("x", 1).putObject("y").putArray("z").addNull()),
        new ValidVariation(
            "nothing about base64", event -> remove(event, "isBase64Encoded", "stageVariables")),
        new ValidVariation("a null flag of base64", event -> event.putNull("isBase64Encoded")),
        new ValidVariation(
            "a method in lower case",
            event ->
                event.put(
                    "httpMethod", event.path("httpMethod").textValue().toLowerCase(Locale.ROOT))),
        new ValidVariation(
            "a slash at the end",
            event -> event.put("resource", event.path("resource").textValue() + "/")),
        new ValidVariation(
            "a stage in the path",
            event -> event.put("resource", "/api" + event.path("resource").textValue())));
  }

  /**
   * Those of a request with a body.
   *
   * @param maxBytes the largest body of the route
   */
  public static List<ValidVariation> ofBodies(int maxBytes) {
    return List.of(
        new ValidVariation(
            "base64",
            event ->
                event
                    .put(
                        "body",
                        Base64.getEncoder()
                            .encodeToString(
                                event.path("body").textValue().getBytes(StandardCharsets.UTF_8)))
                    .put("isBase64Encoded", true)),
        new ValidVariation(
            "a byte order mark",
            event -> event.put("body", "\ufeff" + event.path("body").textValue())),
        new ValidVariation(
            "as many bytes as there may be",
            event ->
                event.put("body", CallerFault.padded(event.path("body").textValue(), maxBytes))),
        type("no content type"),
        type("a content type in odd case", "aPPlication/JSON ; charset=UTF-8"),
        type("a content type twice", "application/json", "application/json"),
        new ValidVariation(
            "no coding",
            event ->
                event
                    .withObject("/multiValueHeaders")
                    .putArray("Content-Encoding")
                    .add("Identity")),
        new ValidVariation(
            "the longest time limit",
            event ->
                event
                    .withObject("/multiValueHeaders")
                    .putArray("x-ReQuest-timeout-MS")
                    .add(" 900000 ")));
  }

  private static ValidVariation type(String name, String... values) {
    return new ValidVariation(
        name,
        event -> {
          event.withObject("/headers").remove("Content-Type");
          ObjectNode headers = event.withObject("/multiValueHeaders");
          headers.remove("Content-Type");
          if (values.length > 0) {
            var list = headers.putArray("content-TYPE");
            List.of(values).forEach(list::add);
          }
        });
  }

  private static void remove(ObjectNode event, String... members) {
    event.remove(List.of(members));
  }
}
