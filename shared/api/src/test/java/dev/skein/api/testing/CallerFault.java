package dev.skein.api.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What may be wrong with a request, as a change of a valid event.
 *
 * @param name for the test's report
 * @param status of the response, on a route with problem documents
 * @param pointer of the only error in {@code errors}; null if the fault is not one of a field
 * @param says how the response's words about the fault begin
 */
public record CallerFault(
    String name, int status, @Nullable String pointer, String says, Consumer<ObjectNode> change) {

  private static final String NOT_JSON = "The body is not JSON: line 1, column ";
  private static final String LIMIT = "The body exceeds a limit: ";
  private static final String NOT_UTF_8 = "The body is not valid UTF-8.";
  private static final String MEDIA_TYPE = "Send JSON with Content-Type: application/json.";
  private static final String CODING = "Send the body without Content-Encoding.";

  /** A fault that is not one of a field. */
  public CallerFault(String name, int status, String says, Consumer<ObjectNode> change) {
    this(name, status, null, says, change);
  }

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

  /**
   * The faults of a body that is required, and of its headers.
   *
   * @param maxBytes the largest body of the route
   */
  public static List<CallerFault> ofBodies(int maxBytes) {
    return Stream.of(absent(), syntax(), limits(maxBytes), encodings(), mediaTypes(), timeouts())
        .flatMap(List::stream)
        .collect(Collectors.toList());
  }

  /**
   * The faults of a method and of an event that is no request.
   *
   * @param allowed the methods of the route, as its responses name them
   */
  public static List<CallerFault> ofRequests(String allowed) {
    return Stream.concat(
            Stream.of(
                    "PUT", "TRACE", "CONNECT", "OPTIONS", "BREW", "*", "G\r\nX: y", "\ud83e\udebf")
                .map(method -> method(method, allowed)),
            Stream.of("httpMethod", "resource")
                .flatMap(
                    member ->
                        Stream.of(
                            noRequest("no " + member, event -> event.remove(member)),
                            noRequest("a null " + member, event -> event.putNull(member)),
                            noRequest("an empty " + member, event -> event.put(member, "")),
                            noRequest("a list for " + member, event -> event.putArray(member)))))
        .collect(Collectors.toList());
  }

  private static CallerFault method(String method, String allowed) {
    return new CallerFault(
        "the method " + method.replace("\r\n", " "),
        405,
        "This route accepts only " + allowed + ".",
        event -> event.put("httpMethod", method));
  }

  private static CallerFault noRequest(String name, Consumer<ObjectNode> change) {
    return new CallerFault(name, 400, "The event is not an API Gateway request: ", change);
  }

  private static List<CallerFault> absent() {
    String empty = "The body is empty.";
    String object = "must be a JSON object";
    return List.of(
        new CallerFault("no body", 400, empty, event -> event.remove("body")),
        new CallerFault("a null body", 400, empty, event -> event.putNull("body")),
        new CallerFault("a body that is no text", 400, empty, event -> event.putObject("body")),
        body("an empty body", 400, empty, body -> ""),
        body("a blank body", 400, empty, body -> " \r\n\t"),
        new CallerFault("null", 422, "", object, event -> event.put("body", "null")),
        new CallerFault("a number", 422, "", object, event -> event.put("body", "1")),
        new CallerFault("a boolean", 422, "", object, event -> event.put("body", "true")),
        new CallerFault("a string", 422, "", object, event -> event.put("body", "\"x\"")),
        new CallerFault(
            "an array",
            422,
            "",
            object,
            event -> event.put("body", "[" + event.path("body").textValue() + "]")));
  }

  private static List<CallerFault> syntax() {
    return List.of(
        body("half of a document", 400, NOT_JSON, body -> body.substring(0, body.length() / 2)),
        body("a second document", 400, NOT_JSON, body -> body + " {}"),
        body("text after the document", 400, NOT_JSON, body -> body + "x"),
        member("a comma too many", "\"x\":1,"),
        member("a missing colon", "\"x\" 1"),
        body(
            "a duplicate name",
            400,
            "The body has a name twice in one object: line 1, column ",
            body -> with(body, "\"x\":1,\"x\":1")),
        body(
            "a duplicate name in an object",
            400,
            "The body has a name twice in one object: line 1, column ",
            body -> with(body, "\"x\":[{\"y\":null,\"y\":null}]")),
        member("a comment", "/* x */\"x\":1"),
        member("single quotes", "'x':1"),
        member("a name without quotes", "x:1"),
        member("a word", "\"x\":yes"),
        member("NaN", "\"x\":NaN"),
        member("nan", "\"x\":nan"),
        member("Infinity", "\"x\":Infinity"),
        member("-Infinity", "\"x\":-Infinity"),
        member("+Infinity", "\"x\":+Infinity"),
        member("INF", "\"x\":INF"),
        member("-INF", "\"x\":-INF"),
        member("a plus sign", "\"x\":+1"),
        member("a leading zero", "\"x\":01"),
        member("no digit before the point", "\"x\":.5"),
        member("no digit after the point", "\"x\":5."),
        member("a hexadecimal number", "\"x\":0x10"),
        member("an unknown escape", "\"x\":\"\\x41\""),
        member("a short escape", "\"x\":\"\\u00\""),
        member("a control character", "\"x\":\"\u0000\""),
        body("a line break in a string", 400, "The body is not JSON", b -> with(b, "\"x\":\"\n\"")),
        body(
            "a lone surrogate",
            400,
            "The body contains a lone surrogate.",
            body -> with(body, "\"x\":\"\\ud800\"")),
        body(
            "surrogates in the wrong order",
            400,
            "The body contains a lone surrogate.",
            body -> with(body, "\"x\":\"\\udebf\\ud83e\"")),
        body("a lone surrogate in a name", 400, "The body ", body -> with(body, "\"\\ud800\":1")));
  }

  private static List<CallerFault> limits(int maxBytes) {
    return List.of(
        body("10,000 digits", 400, LIMIT, body -> with(body, "\"x\":" + "9".repeat(10_000))),
        body(
            "10,000 arrays in each other", 400, LIMIT, b -> with(b, "\"x\":" + "[".repeat(10_000))),
        body("200 objects in each other", 400, LIMIT, body -> with(body, nested(200))),
        body(
            "a byte too many",
            413,
            "The body has %d bytes, and this route accepts at most %d."
                .formatted(maxBytes + 1, maxBytes),
            body -> padded(body, maxBytes + 1)),
        new CallerFault(
            "a byte too many in base64",
            413,
            "The body has %d bytes, and this route accepts at most %d."
                .formatted(maxBytes + 1, maxBytes),
            event ->
                bytes(
                    event,
                    padded(event.path("body").textValue(), maxBytes + 1)
                        .getBytes(StandardCharsets.UTF_8))));
  }

  private static List<CallerFault> encodings() {
    return List.of(
        new CallerFault(
            "base64 that is none", 400, "The body is not valid base64.", e -> base64(e, "%%%")),
        new CallerFault(
            "base64 with a line break",
            400,
            "The body is not valid base64.",
            event -> base64(event, "e30\n")),
        encoded("bytes that are not UTF-8", StandardCharsets.ISO_8859_1, "{\"\u00fc\":1}"),
        encoded("overlong UTF-8", StandardCharsets.ISO_8859_1, "\u00c0\u00af"),
        encoded("a surrogate in UTF-8", StandardCharsets.ISO_8859_1, "\u00ed\u00a0\u0080"),
        encoded("UTF-16", StandardCharsets.UTF_16, "{\"message\":\"x\"}"),
        new CallerFault(
            "gzip that nothing declares",
            400,
            NOT_UTF_8,
            event -> bytes(event, gzip(event.path("body").textValue()))),
        new CallerFault(
            "gzip",
            415,
            CODING,
            event -> {
              put(event, "Content-Encoding", "gzip");
              bytes(event, gzip(event.path("body").textValue()));
            }),
        header("a coding that is not there", 415, CODING, "content-encoding", "br"),
        header("an unknown coding", 415, CODING, "Content-Encoding", "x"));
  }

  private static List<CallerFault> mediaTypes() {
    return List.of(
        header("plain text", 415, MEDIA_TYPE, "Content-Type", "text/plain"),
        header("a form", 415, MEDIA_TYPE, "CONTENT-TYPE", "application/x-www-form-urlencoded"),
        header("an empty type", 415, MEDIA_TYPE, "Content-Type", ""),
        header("a type that is none", 415, MEDIA_TYPE, "Content-Type", "\u0000"),
        header("a type with a line break", 415, MEDIA_TYPE, "Content-Type", "a/b\r\nX: y"),
        new CallerFault(
            "two types",
            415,
            MEDIA_TYPE,
            event ->
                event
                    .withObject("/multiValueHeaders")
                    .putArray("Content-Type")
                    .add("application/json")
                    .add("text/plain")));
  }

  private static List<CallerFault> timeouts() {
    return Stream.of("", "0", "-1", "1.5", "1e3", "900001", "9999999999", "ten", "5, 6", "\u0661")
        .map(
            value ->
                new CallerFault(
                    "the time limit \"" + value + "\"",
                    422,
                    "/headers/x-request-timeout-ms",
                    "must be an integer from 1 to 900000, in milliseconds",
                    event -> put(event, "X-Request-Timeout-Ms", value)))
        .collect(Collectors.toList());
  }

  private static CallerFault body(
      String name, int status, String says, UnaryOperator<String> change) {
    return new CallerFault(
        name,
        status,
        says,
        event -> event.put("body", change.apply(event.path("body").textValue())));
  }

  private static CallerFault member(String name, String member) {
    return body(name, 400, NOT_JSON, body -> with(body, member));
  }

  private static CallerFault header(
      String name, int status, String says, String header, String value) {
    return new CallerFault(name, status, says, event -> put(event, header, value));
  }

  private static void put(ObjectNode event, String header, String value) {
    event.remove("multiValueHeaders");
    ObjectNode headers = event.withObject("/headers");
    headers.remove("Content-Type".equalsIgnoreCase(header) ? "Content-Type" : header);
    headers.put(header, value);
  }

  private static String with(String body, String member) {
    return body.replaceFirst("\\{", Matcher.quoteReplacement("{" + member + ","));
  }

  private static String nested(int depth) {
    return "\"x\":" + "{\"x\":".repeat(depth) + "1" + "}".repeat(depth);
  }

  /** The body with spaces behind it, so that it has this many bytes. */
  static String padded(String body, int bytes) {
    return body + " ".repeat(bytes - body.getBytes(StandardCharsets.UTF_8).length);
  }

  private static CallerFault encoded(String name, Charset charset, String text) {
    return new CallerFault(name, 400, NOT_UTF_8, event -> bytes(event, text.getBytes(charset)));
  }

  private static byte[] gzip(String text) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void bytes(ObjectNode event, byte[] bytes) {
    base64(event, Base64.getEncoder().encodeToString(bytes));
  }

  private static void base64(ObjectNode event, String text) {
    event.put("body", text).put("isBase64Encoded", true);
  }
}
