package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * A whole text of a request, compressed, as a message carries it in the member {@code content}.
 *
 * @param name {@code message} for the prompt, or {@code response}
 * @param gzip the gzip of its UTF-8; not to be modified
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record AuditContent(String name, byte[] gzip) {
  /** The maximum length of a text in bytes of UTF-8. */
  static final int MAX_BYTES = 600_000;

  private static final String MEMBER = "content";
  private static final List<String> NAMES = List.of("message", "response");

  /**
   * Removes the content from a message and checks it.
   *
   * @return empty if the message has none
   * @throws PoisonException if it cannot be stored
   */
  static List<AuditContent> removeFrom(ObjectNode message) throws PoisonException {
    JsonNode content = message.path(MEMBER);
    message.remove(MEMBER);
    if (content.isMissingNode() || content.isNull()) {
      return List.of();
    }
    if (!content.isObject()) {
      throw new PoisonException("content must be an object");
    }
    var texts = new ArrayList<AuditContent>();
    for (var member : content.properties()) {
      if (!NAMES.contains(member.getKey())) {
        throw new PoisonException("content has another member than message and response");
      }
      byte[] gzip = decoded(member.getKey(), member.getValue());
      check(member.getKey(), gzip);
      texts.add(new AuditContent(member.getKey(), gzip));
    }
    return texts;
  }

  private static byte[] decoded(String name, JsonNode base64) throws PoisonException {
    try {
      if (base64.isTextual()) {
        return Base64.getDecoder().decode(base64.textValue());
      }
    } catch (IllegalArgumentException e) {
      // As if it was no string.
    }
    throw new PoisonException("content." + name + " is not base64");
  }

  private static void check(String name, byte[] gzip) throws PoisonException {
    try (var stream = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      // Never more than the limit is decompressed, however much there is.
      byte[] text = stream.readNBytes(MAX_BYTES + 1);
      if (text.length > MAX_BYTES) {
        throw new PoisonException("content." + name + " is longer than " + MAX_BYTES + " bytes");
      }
      var _ = Json.PROVIDER.text(ByteBuffer.wrap(text));
    } catch (IOException e) {
      throw new PoisonException("content." + name + " is not gzip");
    } catch (MalformedJsonException e) {
      throw new PoisonException("content." + name + " is not UTF-8");
    }
  }
}
