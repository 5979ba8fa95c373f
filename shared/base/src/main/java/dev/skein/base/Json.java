package dev.skein.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * JSON as RFC 8259 defines it: duplicate names, trailing text, NaN, comments and lone surrogates
 * are rejected. A reader has limits. JSON for machines is written in ASCII, which no queue and no
 * log alters. Thread-safe.
 */
public final class Json {
  /** For callers' documents: at most 1 MiB, 32 levels, and 256 Ki characters a string. */
  public static final Json STRICT = new Json(1 << 20, 1 << 18, false);

  /**
   * For documents that are passed on: as {@link #STRICT}, but one string, such as an image, may be
   * 1 Mi characters long, and numbers keep all of their digits.
   */
  public static final Json PASSED = new Json(1 << 20, 1 << 20, true);

  /** For the platform's events, which hold a body of up to 6 MB in one string. */
  public static final Json EVENT = new Json(12 << 20, 12 << 20, false);

  private static final int MAX_DEPTH = 32;

  private final JsonMapper mapper;
  private final String limits;

  private Json(int maxDocument, int maxString, boolean exactNumbers) {
    this.limits =
        "%d MiB, %d levels, %d characters a string, 100 digits a number"
            .formatted(maxDocument >> 20, MAX_DEPTH, maxString);
    var constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxDocumentLength(maxDocument)
            .maxStringLength(maxString)
            .maxNumberLength(100)
            .build();
    this.mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(constraints).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .configure(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, exactNumbers)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();
  }

  /** A new, empty object. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /**
   * Reads one document.
   *
   * @throws MalformedJsonException when it is empty, not JSON, larger than a limit, or not Unicode
   */
  public JsonNode parse(String text) throws MalformedJsonException {
    try {
      return checked(mapper.readTree(text));
    } catch (JsonProcessingException e) {
      throw malformed(e);
    }
  }

  /** As {@link #parse(String)}, from bytes that must be valid UTF-8. */
  public JsonNode parse(ByteBuffer utf8) throws MalformedJsonException {
    try {
      return parse(StandardCharsets.UTF_8.newDecoder().decode(utf8.duplicate()).toString());
    } catch (CharacterCodingException e) {
      throw new MalformedJsonException("is not valid UTF-8");
    }
  }

  /**
   * As {@link #parse(ByteBuffer)}, of all that is left in the stream, which stays open.
   *
   * @throws IOException when the stream fails
   */
  public JsonNode parse(InputStream utf8) throws IOException, MalformedJsonException {
    return parse(ByteBuffer.wrap(utf8.readAllBytes()));
  }

  /** The document in one line of ASCII. */
  public String write(JsonNode document) {
    return write(document, mapper.writer());
  }

  /** The document in one line of Unicode: for HTTP responses. */
  public String writeReadable(JsonNode document) {
    return write(document, mapper.writer().without(JsonWriteFeature.ESCAPE_NON_ASCII));
  }

  private static String write(JsonNode document, ObjectWriter writer) {
    try {
      return writer.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      // A tree of nodes can always be written.
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode checked(JsonNode root) throws MalformedJsonException {
    if (root.isMissingNode()) {
      throw new MalformedJsonException("is empty");
    }
    checkUnicode(root);
    return root;
  }

  private static void checkUnicode(JsonNode node) throws MalformedJsonException {
    if (node.isTextual()) {
      requireUnicode(node.textValue());
    }
    for (var member : node.properties()) {
      requireUnicode(member.getKey());
    }
    for (var child : node) {
      checkUnicode(child);
    }
  }

  private static void requireUnicode(String text) throws MalformedJsonException {
    // codePoints() joins pairs: a surrogate among the code points is a lone one.
    boolean unpaired =
        text.codePoints()
            .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    if (unpaired) {
      throw new MalformedJsonException("contains a lone surrogate");
    }
  }

  private MalformedJsonException malformed(JsonProcessingException e) {
    if (e instanceof StreamConstraintsException) {
      return new MalformedJsonException("exceeds a limit: " + limits);
    }
    JsonLocation at = e.getLocation();
    return new MalformedJsonException(
        at == null
            ? "is not JSON"
            : "is not JSON: line %d, column %d".formatted(at.getLineNr(), at.getColumnNr()));
  }
}
