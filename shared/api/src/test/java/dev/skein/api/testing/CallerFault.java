package dev.skein.api.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What may be wrong with a request whatever its route is, as a change of a valid event.
 *
 * @param name for the test's report
 * @param status of the response, on a route with problem documents
 */
public record CallerFault(String name, int status, Consumer<ObjectNode> change) {

  /** The change of a copy of a valid event. */
  public ObjectNode of(ObjectNode valid) {
    ObjectNode event = valid.deepCopy();
    change.accept(event);
    return event;
  }

  /** The status on a route in OpenAI's format, which has no 422. */
  public int openAiStatus() {
    return status == 422 ? 400 : status;
  }

  @Override
  public String toString() {
    return name;
  }

  /** The faults of a body that is required. */
  public static List<CallerFault> ofBodies() {
    return Stream.of(absent(), syntax(), encodings(), headers())
        .flatMap(List::stream)
        .collect(Collectors.toList());
  }

  private static List<CallerFault> absent() {
    return List.of(
        new CallerFault("no body", 400, event -> event.remove("body")),
        new CallerFault("a null body", 400, event -> event.putNull("body")),
        new CallerFault("a body that is no text", 400, event -> event.putObject("body")),
        body("an empty body", 400, body -> ""),
        body("a blank body", 400, body -> " \r\n\t"),
        body("null", 422, body -> "null"),
        body("an array", 422, body -> "[" + body + "]"),
        body("a number", 422, body -> "1"),
        body("a string", 422, body -> "\"x\""));
  }

  private static List<CallerFault> syntax() {
    return List.of(
        body("half of a document", 400, body -> body.substring(0, body.length() / 2)),
        body("a second document", 400, body -> body + " {}"),
        body("text after the document", 400, body -> body + "x"),
        body("a comma too many", 400, body -> with(body, "\"x\":1,,")),
        body("a duplicate name", 400, body -> with(body, "\"x\":1,\"x\":1,")),
        body("a comment", 400, body -> with(body, "/* x */")),
        body("single quotes", 400, body -> with(body, "'x':1,")),
        body("a name without quotes", 400, body -> with(body, "x:1,")),
        body("NaN", 400, body -> with(body, "\"x\":NaN,")),
        body("Infinity", 400, body -> with(body, "\"x\":Infinity,")),
        body("-Infinity", 400, body -> with(body, "\"x\":-Infinity,")),
        body("a plus sign", 400, body -> with(body, "\"x\":+1,")),
        body("a leading zero", 400, body -> with(body, "\"x\":01,")),
        body("no digit before the point", 400, body -> with(body, "\"x\":.5,")),
        body(
            "a number of 10,000 digits",
            400,
            body -> with(body, "\"x\":" + "9".repeat(10_000) + ",")),
        body("an unknown escape", 400, body -> with(body, "\"x\":\"\\x41\",")),
        body("a lone surrogate", 400, body -> with(body, "\"x\":\"\\ud800\",")),
        body("a control character", 400, body -> with(body, "\"x\":\"\u0000\",")),
        body("a line break in a string", 400, body -> with(body, "\"x\":\"a\nb\",")),
        body("10,000 arrays in each other", 400, body -> with(body, "\"x\":" + "[".repeat(10_000))),
        body("200 objects in each other", 400, body -> with(body, nested(200))));
  }

  private static List<CallerFault> encodings() {
    return List.of(
        new CallerFault("base64 that is none", 400, event -> base64(event, "%%%")),
        new CallerFault(
            "bytes that are not UTF-8",
            400,
            event -> bytes(event, StandardCharsets.ISO_8859_1, "{\"\u00fc\":1}")),
        new CallerFault(
            "overlong UTF-8",
            400,
            event -> bytes(event, StandardCharsets.ISO_8859_1, "\u00c0\u00af")),
        new CallerFault(
            "UTF-16", 400, event -> bytes(event, StandardCharsets.UTF_16, "{\"message\":\"x\"}")),
        header("gzip", 415, "Content-Encoding", "gzip"),
        header("an unknown coding", 415, "Content-Encoding", "x"));
  }

  private static List<CallerFault> headers() {
    return List.of(
        header("plain text", 415, "Content-Type", "text/plain"),
        header("a form", 415, "Content-Type", "application/x-www-form-urlencoded"),
        header("a type that is none", 415, "Content-Type", "\u0000"),
        new CallerFault("another method", 405, event -> event.put("httpMethod", "PATCH")),
        new CallerFault("an invented method", 405, event -> event.put("httpMethod", "BREW")),
        new CallerFault(
            "an event of nobody",
            400,
            event -> {
              event.remove("httpMethod");
              event.remove("resource");
            }));
  }

  private static CallerFault body(String name, int status, UnaryOperator<String> change) {
    return new CallerFault(
        name, status, event -> event.put("body", change.apply(event.path("body").textValue())));
  }

  private static CallerFault header(String name, int status, String header, String value) {
    return new CallerFault(
        name,
        status,
        event -> {
          event.remove("multiValueHeaders");
          event.withObject("/headers").put(header, value);
        });
  }

  private static String with(String body, String member) {
    return body.replaceFirst("\\{", Matcher.quoteReplacement("{" + member));
  }

  private static String nested(int depth) {
    return "\"x\":" + "{\"x\":".repeat(depth) + "1" + "}".repeat(depth) + ",";
  }

  private static void bytes(ObjectNode event, Charset charset, String text) {
    base64(event, Base64.getEncoder().encodeToString(text.getBytes(charset)));
  }

  private static void base64(ObjectNode event, String text) {
    event.put("body", text).put("isBase64Encoded", true);
  }
}
