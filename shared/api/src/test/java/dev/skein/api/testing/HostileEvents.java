package dev.skein.api.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Events as hostile callers cause them: mutations of samples in their body, query, headers, path
 * and form, the same for the same seed. For one thread.
 */
public final class HostileEvents {

  /** A key, a cookie and an address that no log line may contain. They are in each event. */
  public static final List<String> CANARIES =
      List.of("sk-canary-of-a-caller", "canary-of-a-cookie", "canary@example.com");

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1",
          "1.5",
          "1e999",
          "-1e999",
          "1e-999",
          "9007199254740993",
          "99999999999999999999999",
          "NaN",
          "Infinity",
          "-Infinity",
          "\"NaN\"",
          "\"0.5\"",
          "\"\"",
          "\" \"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\udc00\\ud800\"",
          "\"\\uffff\"",
          "\"a\\r\\nSet-Cookie: b\"",
          "\"\\u2028\"",
          "\"%s%n{}\"",
          "[]",
          "[null]",
          "[[]]",
          "{}",
          "{\"\":null}",
          "{\"type\":\"text\",\"text\":\"x\"}",
          "{\"role\":\"user\"}",
          "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}",
          "\"user\"",
          "\"stream\"");

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "null",
          "[]",
          "1",
          "{",
          "}",
          "\"",
          "\\",
          ",",
          ":",
          "\\u",
          "\u0000",
          "\u007f",
          "\ud83e\udebf",
          "\ud800",
          "\ufffe",
          "\r\nX: y",
          "%00",
          "%",
          "+",
          "//",
          "../..",
          "*/*",
          "q=0",
          "gzip",
          "application/json; charset=utf-16",
          "text/plain",
          "0",
          "-1",
          "1e9",
          "2026-02-30",
          "9999-12-31T23:59:59.9999Z",
          "eyJwIjoxfQ",
          "99999999999999999999");

  private static final List<String> HEADERS =
      List.of(
          "Content-Type",
          "content-type",
          "Content-Encoding",
          "Accept",
          "Origin",
          "Access-Control-Request-Method",
          "X-Stainless-Timeout",
          "X-Amzn-Trace-Id",
          "Host",
          "X-Forwarded-For",
          "Authorization",
          "Cookie",
          "X-Unknown");

  private static final List<String> PARAMETERS =
      List.of(
          "user_id",
          "limit",
          "from",
          "to",
          "cursor",
          "status",
          "phase",
          "audit_id",
          "content",
          "identity",
          "model",
          "error",
          "request_id",
          "x");

  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW", "post", "");

  private final RandomGenerator random;
  private final List<ObjectNode> samples;

  /**
   * @param samples valid events
   */
  public HostileEvents(long seed, List<ObjectNode> samples) {
    this(new Random(seed), samples);
  }

  /**
   * @param random makes every choice
   * @param samples valid events
   */
  public HostileEvents(RandomGenerator random, List<ObjectNode> samples) {
    this.random = random;
    this.samples = List.copyOf(samples);
  }

  /** The next event, as bytes that may not be JSON. */
  public byte[] next() {
    ObjectNode event = one(samples).deepCopy();
    addCanaries(event);
    for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
      mutate(event);
    }
    ObjectNode sent = random.nextInt(8) == 0 ? PayloadFormat2.of(event) : event;
    byte[] bytes = Json.EVENT.write(sent).getBytes(StandardCharsets.US_ASCII);
    return random.nextInt(20) == 0
        ? mutated(new String(bytes, StandardCharsets.ISO_8859_1))
            .getBytes(StandardCharsets.ISO_8859_1)
        : bytes;
  }

  /** Puts secrets of a caller into the headers. */
  static void addCanaries(ObjectNode event) {
    ObjectNode headers = object(event, "headers");
    headers.put("Authorization", "Bearer " + CANARIES.get(0));
    headers.put("Cookie", "session=" + CANARIES.get(1));
    headers.put("From", CANARIES.get(2));
  }

  private void mutate(ObjectNode event) {
    switch (random.nextInt(10)) {
      case 0, 1 -> event.put("body", mutated(event.path("body").asText("")));
      case 2, 3, 4 -> event.put("body", restructured(event.path("body").asText("")));
      case 5 -> addHeader(event, one(HEADERS));
      case 6 -> object(event, "queryStringParameters").put(one(PARAMETERS), text());
      case 7 -> encode(event);
      case 8 -> replaceSomething(event);
      default -> event.put("httpMethod", one(METHODS));
    }
  }

  /** In both forms, as API Gateway does it: of a repeated header the last value, and all values. */
  private void addHeader(ObjectNode event, String name) {
    ObjectNode all = object(event, "multiValueHeaders");
    ArrayNode values =
        random.nextBoolean() && all.get(name) instanceof ArrayNode present
            ? present
            : all.putArray(name);
    String value = text();
    values.add(value);
    object(event, "headers").put(name, value);
  }

  private void encode(ObjectNode event) {
    byte[] body = event.path("body").asText("").getBytes(StandardCharsets.UTF_8);
    if (body.length > 0 && random.nextBoolean()) {
      body[random.nextInt(body.length)] = (byte) random.nextInt(256);
    }
    String base64 = Base64.getEncoder().encodeToString(body);
    event.put("body", random.nextInt(4) == 0 ? base64 + one(TEXTS) : base64);
    event.put("isBase64Encoded", true);
  }

  /** Puts any value in the place of any member of the event, or removes it. */
  private void replaceSomething(ObjectNode event) {
    List<ObjectNode> objects = new ArrayList<>(List.of(event));
    event.forEach(child -> addObjects(child, objects));
    ObjectNode parent = one(objects);
    List<String> names = new ArrayList<>();
    parent.fieldNames().forEachRemaining(names::add);
    if (!names.isEmpty() && random.nextInt(3) == 0) {
      parent.remove(one(names));
    } else if (!names.isEmpty()) {
      parent.set(one(names), value());
    }
  }

  private static void addObjects(JsonNode node, List<ObjectNode> objects) {
    if (node instanceof ObjectNode object) {
      objects.add(object);
    }
    node.forEach(child -> addObjects(child, objects));
  }

  /** The body with another value somewhere in it, as JSON that may not be valid. */
  private String restructured(String body) {
    JsonNode json;
    try {
      json = Json.PASSED.parse(body);
    } catch (MalformedJsonException e) {
      return mutated(body);
    }
    List<ObjectNode> objects = new ArrayList<>();
    addObjects(json, objects);
    if (objects.isEmpty() || random.nextInt(20) == 0) {
      return large();
    }
    ObjectNode parent = one(objects);
    List<String> names = new ArrayList<>();
    parent.fieldNames().forEachRemaining(names::add);
    String name = names.isEmpty() || random.nextInt(5) == 0 ? text() : one(names);
    if (random.nextInt(6) == 0) {
      parent.remove(name);
      return Json.EVENT.write(json);
    }
    parent.put(name, "\u0001");
    return Json.EVENT.write(json).replace("\"\\u0001\"", one(VALUES));
  }

  private String large() {
    int size = 1 << random.nextInt(18);
    return switch (random.nextInt(5)) {
      case 0 -> "[".repeat(size);
      case 1 -> "{\"message\":".repeat(Math.min(size, 4096));
      case 2 -> "{\"message\":\"" + "x".repeat(size) + "\"}";
      case 3 -> "{\"texts\":[" + "null,".repeat(size) + "1]}";
      default -> "{\"temperature\":" + "9".repeat(size) + "}";
    };
  }

  private String mutated(String text) {
    StringBuilder mutant = new StringBuilder(text);
    int at = random.nextInt(text.length() + 1);
    int end = Math.min(text.length(), at + 1 + random.nextInt(8));
    switch (random.nextInt(4)) {
      case 0 -> mutant.delete(at, end);
      case 1 -> mutant.insert(at, text, at, end);
      case 2 -> mutant.insert(at, one(TEXTS));
      default -> mutant.replace(at, end, one(VALUES));
    }
    return mutant.toString();
  }

  private String text() {
    return switch (random.nextInt(4)) {
      case 0 -> "x".repeat(1 << random.nextInt(14));
      case 1 -> Character.toString(random.nextInt(0x10ffff));
      default -> one(TEXTS);
    };
  }

  private JsonNode value() {
    try {
      return Json.PASSED.parse(one(VALUES));
    } catch (MalformedJsonException e) {
      return Json.object();
    }
  }

  private static ObjectNode object(ObjectNode event, String name) {
    return event.get(name) instanceof ObjectNode present ? present : event.putObject(name);
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** The sample events in these files of {@code events/}. */
  public static List<ObjectNode> samples(String... files) {
    List<ObjectNode> samples = new ArrayList<>();
    for (String file : files) {
      try {
        byte[] bytes = Files.readAllBytes(Path.of("../../events", file));
        samples.add((ObjectNode) Json.EVENT.parse(ByteBuffer.wrap(bytes)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (MalformedJsonException e) {
        throw new AssertionError(file, e);
      }
    }
    return samples;
  }
}
