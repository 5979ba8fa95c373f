package dev.skein.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem.FieldError;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The fields of a JSON body, and the one header that every route with a body accepts. Each is read
 * by its name and validated; the errors are collected, and {@link #check} refuses the request with
 * all of them. A method that finds an error returns a placeholder, which must not be used before
 * {@code check}. An optional field that is null counts as absent. Not thread-safe: made for one
 * request.
 */
public final class JsonBody {
  /** The largest body of Skein's own routes, in bytes of UTF-8. */
  static final int MAX_BYTES = 1 << 20;

  /**
   * The largest body that is passed on, in bytes of UTF-8: as much as Lambda's largest event holds,
   * so that on Lambda it is API Gateway that refuses a larger one.
   */
  static final int MAX_PASSED_BYTES = 6 << 20;

  private static final int MAX_USER_ID = 128;
  private static final String ANONYMOUS = "anonymous";
  private static final String TIMEOUT_HEADER = "x-request-timeout-ms";
  private static final int MAX_TIMEOUT_MS = 900_000;

  private final ApiRequest request;
  private final ObjectNode root;
  private final Set<String> known = new HashSet<>();
  private final FieldErrors errors = new FieldErrors();

  private JsonBody(ApiRequest request, ObjectNode root) {
    this.request = request;
    this.root = root;
  }

  /**
   * Reads the body of a request.
   *
   * @throws RefusedException when it is not JSON (400), not an object (422), too large (413), or
   *     declared as another media type (415)
   */
  public static JsonBody of(ApiRequest request) throws RefusedException {
    return of(request, Json.STRICT, MAX_BYTES);
  }

  /** As {@link #of(ApiRequest)}, for a body that is passed on with {@link #passed}. */
  public static JsonBody ofPassed(ApiRequest request) throws RefusedException {
    return of(request, Json.PASSED, MAX_PASSED_BYTES);
  }

  private static JsonBody of(ApiRequest request, Json json, int maxBytes) throws RefusedException {
    requireJson(request);
    // A character is at most three bytes: the cheap test saves most bodies the encoding.
    if (request.body().length() > maxBytes / 3) {
      int bytes = request.body().getBytes(StandardCharsets.UTF_8).length;
      if (bytes > maxBytes) {
        throw new RefusedException(Problem.tooLarge(bytes, maxBytes));
      }
    }
    try {
      if (json.parse(withoutMark(request.body())) instanceof ObjectNode root) {
        return new JsonBody(request, root);
      }
      throw new RefusedException(
          Problem.invalidRequest(List.of(new FieldError("", "must be a JSON object"))));
    } catch (MalformedJsonException e) {
      throw new RefusedException(Problem.malformedRequest("The body " + e.getMessage() + "."));
    }
  }

  /** PowerShell and others write a byte order mark, which a parser may ignore (RFC 8259). */
  private static String withoutMark(String body) {
    return body.startsWith("\uFEFF") ? body.substring(1) : body;
  }

  private static void requireJson(ApiRequest request) throws RefusedException {
    String types = request.headers().getOrDefault("content-type", "application/json");
    for (String type : types.split(",", -1)) {
      String essence = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
      if (!essence.equals("application/json")) {
        throw new RefusedException(
            Problem.unsupportedMediaType("Send JSON with Content-Type: application/json."));
      }
    }
    requireNoCoding(request.headers());
  }

  /** Also for a body that cannot be decoded to text: its coding is the reason. */
  static void requireNoCoding(Map<String, String> headers) throws RefusedException {
    String coding = headers.getOrDefault("content-encoding", "identity");
    if (!coding.strip().equalsIgnoreCase("identity")) {
      throw new RefusedException(
          Problem.unsupportedMediaType("Send the body without Content-Encoding."));
    }
  }

  /** A required string of 1 to {@code maxCharacters} characters that is not blank. */
  public String text(String name, int maxCharacters) {
    known.add(name);
    JsonNode node = root.path(name);
    if (node.isMissingNode()) {
      addError(name, "is missing");
      return "";
    }
    return textAt(FieldErrors.pointer(name), node, maxCharacters);
  }

  /** As {@link #text}, or empty when absent. */
  public Optional<String> optionalText(String name, int maxCharacters) {
    return present(name).map(node -> textAt(FieldErrors.pointer(name), node, maxCharacters));
  }

  /** The end user, {@code user_id}: up to 128 characters, {@code anonymous} by default. */
  public String userId() {
    return endUser("user_id");
  }

  /** As {@link #userId}, named {@code user}; OpenAI's clients may send an empty string for none. */
  public String user() {
    JsonNode user = root.path("user");
    return user.isTextual() && user.textValue().isEmpty() ? ANONYMOUS : endUser("user");
  }

  private String endUser(String name) {
    return optionalText(name, MAX_USER_ID).orElse(ANONYMOUS);
  }

  /**
   * The longest time that the caller waits for the model: the header {@code X-Request-Timeout-Ms},
   * 1 ms to 15 min; empty when absent.
   */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(request.headers().get(TIMEOUT_HEADER))
        .map(String::strip)
        .map(this::timeout);
  }

  private Duration timeout(String text) {
    int millis = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    if (millis < 1 || millis > MAX_TIMEOUT_MS) {
      errors.add(
          "/headers/" + TIMEOUT_HEADER,
          "must be an integer from 1 to " + MAX_TIMEOUT_MS + ", in milliseconds");
    }
    return Duration.ofMillis(millis);
  }

  /** A boolean; {@code false} when absent. */
  public boolean flag(String name) {
    return present(name)
        .map(
            node -> {
              if (!node.isBoolean()) {
                addError(name, "must be true or false");
              }
              return node.booleanValue();
            })
        .orElse(false);
  }

  /** A required array of at least one object, whose fields are not validated. */
  public void objects(String name) {
    required(
        name,
        node ->
            node.isArray() && !node.isEmpty() && node.valueStream().allMatch(JsonNode::isObject),
        "must be an array of at least one object");
  }

  /**
   * A required value of any type.
   *
   * @param detail what is valid, as a clause after the field's name
   */
  public void required(String name, Predicate<JsonNode> valid, String detail) {
    known.add(name);
    JsonNode node = root.path(name);
    if (!valid.test(node)) {
      addError(name, node.isMissingNode() ? "is missing" : detail);
    }
  }

  /** Whether a field is present and not null. */
  public boolean has(String name) {
    return root.hasNonNull(name);
  }

  /** A number from {@code min} to {@code max}. */
  public double number(String name, double absent, double min, double max) {
    return present(name)
        .map(
            node -> {
              double value = node.isNumber() ? node.doubleValue() : Double.NaN;
              // In this form, because NaN is in no range.
              boolean valid = value >= min && value <= max;
              if (!valid) {
                addError(name, "must be a number from %s to %s".formatted(plain(min), plain(max)));
              }
              return valid ? value : absent;
            })
        .orElse(absent);
  }

  /** An integer from {@code min} to {@code max}. */
  public int integer(String name, int absent, int min, int max) {
    return present(name)
        .map(
            node -> {
              boolean valid =
                  node.isIntegralNumber()
                      && node.canConvertToInt()
                      && node.intValue() >= min
                      && node.intValue() <= max;
              if (!valid) {
                String range =
                    min == max
                        ? "%d".formatted(min)
                        : "an integer from %d to %d".formatted(min, max);
                addError(name, "must be " + range + found(node));
              }
              return valid ? node.intValue() : absent;
            })
        .orElse(absent);
  }

  /** One of the given strings. */
  public String choice(String name, String absent, List<String> words) {
    return present(name)
        .map(
            node -> {
              if (node.isTextual() && words.contains(node.textValue())) {
                return node.textValue();
              }
              addError(name, "must be one of: " + String.join(", ", words));
              return absent;
            })
        .orElse(absent);
  }

  /** A required array of 1 to {@code maxItems} strings, each validated as by {@link #text}. */
  public List<String> texts(String name, int maxItems, int maxCharacters) {
    known.add(name);
    JsonNode node = root.path(name);
    if (!node.isArray() || node.isEmpty() || node.size() > maxItems) {
      addError(
          name,
          node.isMissingNode()
              ? "is missing"
              : "must be an array of 1 to %d strings".formatted(maxItems));
      return List.of();
    }
    var texts = new ArrayList<String>();
    for (JsonNode item : node) {
      texts.add(textAt(FieldErrors.pointer(name) + "/" + texts.size(), item, maxCharacters));
    }
    return texts;
  }

  /**
   * Ends the reading.
   *
   * @throws RefusedException with every error; a field that was not read is an error, too
   */
  public void check() throws RefusedException {
    for (var field : root.properties()) {
      if (!known.contains(field.getKey())) {
        addError(field.getKey(), "is not a field of this route");
      }
    }
    errors.check();
  }

  /**
   * Ends the reading of a body that is passed on to a reader who may know more fields.
   *
   * @return all of it, which the caller may modify
   * @throws RefusedException with every error
   */
  public ObjectNode passed() throws RefusedException {
    errors.check();
    return root;
  }

  private Optional<JsonNode> present(String name) {
    known.add(name);
    return Optional.of(root.path(name)).filter(node -> !node.isMissingNode() && !node.isNull());
  }

  private String textAt(String pointer, JsonNode node, int maxCharacters) {
    String text = node.isTextual() ? node.textValue() : "";
    boolean valid = !text.isBlank() && text.codePointCount(0, text.length()) <= maxCharacters;
    if (!valid) {
      errors.add(
          pointer,
          String.format(
              Locale.ROOT, "must be a string of 1 to %,d characters and not blank", maxCharacters));
    }
    return text;
  }

  private void addError(String name, String detail) {
    errors.add(FieldErrors.pointer(name), detail);
  }

  /** The number, if it is one of a moderate length. */
  private static String found(JsonNode node) {
    String number = node.isIntegralNumber() ? node.asText() : "";
    return number.isEmpty() || number.length() > 20 ? "" : ", but is " + number;
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }
}
