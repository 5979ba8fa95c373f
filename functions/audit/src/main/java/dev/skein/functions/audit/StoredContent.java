package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.base.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The whole prompt and reply of a record, if they were kept: chunks of the gzip of a text, in items
 * beside the record.
 */
final class StoredContent {
  /** Of the texts together: characters of JSON, and bytes of each. */
  private static final int MAX_SIZE = 2_500_000;

  private StoredContent() {}

  /**
   * The JSON form: {@code message}, the prompt, and {@code response}, null if they were not kept,
   * have expired or are incomplete, and {@code omitted}, the names of those that are too large for
   * a response.
   */
  static ObjectNode read(AuditTable table, String auditId, Instant now) {
    var items =
        table.items(auditId, "content#").stream().filter(item -> !hasExpired(item, now)).toList();
    var content = Json.object();
    var omitted = Json.object().putArray("omitted");
    int room = MAX_SIZE;
    for (String name : List.of("message", "response")) {
      byte[] utf8 = text(items, "content#" + name + "#");
      JsonNode text =
          utf8 == null
              ? NullNode.instance
              : TextNode.valueOf(new String(utf8, StandardCharsets.UTF_8));
      int size = Json.STRICT.write(text).length();
      if (size > room || (utf8 != null && utf8.length > MAX_SIZE)) {
        content.putNull(name);
        omitted.add(name);
      } else {
        content.set(name, text);
        room -= size;
      }
    }
    content.set("omitted", omitted);
    return content;
  }

  /** DynamoDB deletes an item up to days after it has expired. */
  private static boolean hasExpired(Map<String, AttributeValue> item, Instant now) {
    var expiresAt = item.get(AuditItem.EXPIRES_AT);
    return expiresAt != null && Long.parseLong(expiresAt.n()) <= now.getEpochSecond();
  }

  /** At most one byte more than fits, so that a small item cannot fill the memory. */
  private static byte @Nullable [] text(List<Map<String, AttributeValue>> items, String prefix) {
    var gzip = new ByteArrayOutputStream();
    for (var item : items) {
      var key = item.get(AuditItem.SK);
      var data = item.get("data");
      if (key != null && key.s().startsWith(prefix) && data != null) {
        gzip.writeBytes(data.b().asByteArrayUnsafe());
      }
    }
    if (gzip.size() == 0) {
      return null;
    }
    try (var text = new GZIPInputStream(new ByteArrayInputStream(gzip.toByteArray()))) {
      return text.readNBytes(MAX_SIZE + 1);
    } catch (IOException e) {
      // A chunk is missing: the others are still being written, or are being deleted.
      return null;
    }
  }
}
