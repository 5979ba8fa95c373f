package dev.skein.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
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
 * are rejected, except that {@link #PROVIDER} accepts some of them. A reader has limits. JSON for
 * machines is written in ASCII, which no queue and no log alters. Thread-safe.
 */
public final class Json {
  /** For callers' documents: at most 1 MiB, 32 levels, and 256 Ki characters a string. */
  public static final Json STRICT = new Json(1 << 20, 32, 1 << 18, 100, 1 << 20, Reading.STRICT);

  /**
   * For documents that are passed on: as {@link #STRICT}, but they may have 6 MiB, which one string
   * may fill, such as an image; 128 levels, as the schemas of tools do; and numbers keep all of
   * their digits. At most 1 Mi tokens, because a tree of tiny values takes ten times the memory of
   * its text.
   */
  public static final Json PASSED = new Json(6 << 20, 128, 6 << 20, 100, 1 << 20, Reading.EXACT);

  /** For the platform's events, which hold a body of up to 6 MB in one string. */
  public static final Json EVENT = new Json(12 << 20, 32, 12 << 20, 100, 1 << 20, Reading.STRICT);

  /**
   * For providers' replies, which are read as the official clients read them: of duplicate names
   * the last one counts, strings may contain lone surrogates, and bytes may begin with a byte order
   * mark. At most 16 MiB, all of which may be one string, 4 Mi tokens, 512 levels and 10,000 digits
   * a number. A number beyond the range of a double is infinite.
   */
  public static final Json PROVIDER =
      new Json(16 << 20, 512, 16 << 20, 10_000, 4 << 20, Reading.LENIENT);

  private enum Reading {
    STRICT,
    EXACT,
    LENIENT
  }

  private final JsonMapper mapper;
  private final boolean lenient;
  private final String limits;

  private Json(
      int maxDocument, int maxDepth, int maxString, int maxDigits, int maxTokens, Reading reading) {
    this.lenient = reading == Reading.LENIENT;
    this.limits =
        "%d MiB, %d levels, %d characters a string, %d digits a number, %d tokens"
            .formatted(maxDocument >> 20, maxDepth, maxString, maxDigits, maxTokens);
    var constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(maxDepth)
            .maxDocumentLength(maxDocument)
            .maxStringLength(maxString)
            .maxNumberLength(maxDigits)
            .maxTokenCount(maxTokens)
            .build();
    boolean exact = reading == Reading.EXACT;
    this.mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(constraints).build())
            .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, !lenient)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .configure(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, exact)
            .configure(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, !exact)
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
    return parse(text(utf8));
  }

  /**
   * The text of a document's bytes.
   *
   * @throws MalformedJsonException when they are not valid UTF-8
   */
  public String text(ByteBuffer utf8) throws MalformedJsonException {
    try {
      String text = decoded(utf8);
      return lenient && text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new MalformedJsonException("is not valid UTF-8");
    }
  }

  private static String decoded(ByteBuffer utf8) throws CharacterCodingException {
    return utf8.hasArray()
        ? Unicode.decode(utf8.array(), utf8.arrayOffset() + utf8.position(), utf8.remaining())
        : StandardCharsets.UTF_8.newDecoder().decode(utf8.duplicate()).toString();
  }

  /**
   * The tokens of a document, with their positions in the text: to change a part of it and leave
   * every other character as it is.
   *
   * @throws IOException when the text is not JSON, here or while the tokens are read
   */
  public JsonParser tokens(String text) throws IOException {
    return mapper.createParser(text);
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

  /** The document in one line of UTF-8: for HTTP requests. */
  public byte[] writeUtf8(JsonNode document) {
    try {
      return mapper
          .writer()
          .without(JsonWriteFeature.ESCAPE_NON_ASCII)
          .with(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      // A tree of nodes can always be written.
      throw new UncheckedIOException(e);
    }
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

  private JsonNode checked(JsonNode root) throws MalformedJsonException {
    if (root.isMissingNode()) {
      throw new MalformedJsonException("is empty");
    }
    if (!lenient) {
      checkUnicode(root);
    }
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
    if (Unicode.hasLoneSurrogate(text)) {
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
