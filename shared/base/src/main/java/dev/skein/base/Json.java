package dev.skein.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * JSON as RFC 8259 defines it: duplicate names, trailing text, NaN, comments and lone surrogates
 * are rejected, except that {@link #PROVIDER} accepts some of them. A reader has limits. JSON for
 * machines is written in ASCII, which no queue and no log alters. Thread-safe.
 */
public final class Json {
  /** Shared by all threads: a pool of each thread's own is empty in each new virtual thread. */
  private static final RecyclerPool<BufferRecycler> BUFFERS =
      JsonRecyclerPools.sharedConcurrentDequePool();

  private static final JsonFactory WRITING =
      JsonFactory.builder()
          .recyclerPool(BUFFERS)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

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

  /** How a tree is read. */
  enum Reading {
    STRICT,

    /** Numbers with a fraction or an exponent keep all of their digits. */
    EXACT,

    /** An object may have a name twice. */
    LENIENT
  }

  private static final int LAST_ASCII = 127;

  private final JsonFactory reading;
  private final Reading kind;

  private Json(
      int maxDocument, int maxDepth, int maxString, int maxDigits, int maxTokens, Reading kind) {
    this.kind = kind;
    this.reading =
        JsonFactory.builder()
            .recyclerPool(BUFFERS)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxDepth)
                    .maxDocumentLength(maxDocument)
                    .maxStringLength(maxString)
                    .maxNumberLength(maxDigits)
                    .maxTokenCount(maxTokens)
                    .build())
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
    try (JsonParser tokens = reading.createParser(text)) {
      if (tokens.nextToken() == null) {
        throw new MalformedJsonException("is empty");
      }
      JsonNode root = JsonTree.read(tokens, kind);
      if (tokens.nextToken() != null) {
        throw notJson(tokens.currentTokenLocation());
      }
      if (kind != Reading.LENIENT) {
        checkUnicode(root);
      }
      return root;
    } catch (StreamConstraintsException e) {
      throw new MalformedJsonException("exceeds a limit: " + limits());
    } catch (JsonProcessingException e) {
      throw notJson(e.getLocation());
    } catch (IOException e) {
      // A text can always be read.
      throw new UncheckedIOException(e);
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
      return kind == Reading.LENIENT && text.startsWith("\uFEFF") ? text.substring(1) : text;
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
    return reading.createParser(text);
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
    return write(document, LAST_ASCII);
  }

  /** The document in one line of UTF-8: for HTTP requests. */
  public byte[] writeUtf8(JsonNode document) {
    var utf8 = new ByteArrayOutputStream();
    try (JsonGenerator to = WRITING.createGenerator(utf8)) {
      JsonTree.write(document, to);
    } catch (IOException e) {
      // An array can always be written to.
      throw new UncheckedIOException(e);
    }
    return utf8.toByteArray();
  }

  /** The document in one line of Unicode: for HTTP responses. */
  public String writeReadable(JsonNode document) {
    return write(document, 0);
  }

  /** As text, with an escape for each character after {@code lastUnescaped}; 0 escapes none. */
  private static String write(JsonNode document, int lastUnescaped) {
    var text = new StringWriter();
    try (JsonGenerator to = WRITING.createGenerator(text)) {
      to.setHighestNonEscapedChar(lastUnescaped);
      JsonTree.write(document, to);
    } catch (IOException e) {
      // A text can always be written to.
      throw new UncheckedIOException(e);
    }
    return text.toString();
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

  private static MalformedJsonException notJson(@Nullable JsonLocation at) {
    return new MalformedJsonException(at == null ? "is not JSON" : "is not JSON: " + position(at));
  }

  static String position(JsonLocation at) {
    return "line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
  }

  private String limits() {
    var limits = reading.streamReadConstraints();
    return "%d MiB, %d levels, %d characters a string, %d digits a number, %d tokens"
        .formatted(
            limits.getMaxDocumentLength() >> 20,
            limits.getMaxNestingDepth(),
            limits.getMaxStringLength(),
            limits.getMaxNumberLength(),
            limits.getMaxTokenCount());
  }
}
