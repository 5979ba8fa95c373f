package dev.skein.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.ChainLink;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** One line of an export. */
sealed interface ExportItem {

  /**
   * A record.
   *
   * @param json without the attributes that the table derives
   * @param key the audit ID in the item's key; that of the record if the export has no keys
   * @param expiresAt in seconds of the epoch, if the export has it
   */
  record StoredRecord(ObjectNode json, String key, OptionalLong expiresAt) implements ExportItem {}

  /**
   * A link.
   *
   * @param key its position in the item's key; empty if the export has no keys
   * @param expiresAt in seconds of the epoch, if the export has it
   */
  record Link(ChainLink link, Optional<String> key, OptionalLong expiresAt) implements ExportItem {}

  /**
   * What is in the place of a link and cannot be read as one.
   *
   * @param key as {@link #key} writes it
   */
  record BrokenLink(String key) implements ExportItem {}

  /** An item that the chains do not cover: content, or the number of shards. */
  record Other() implements ExportItem {}

  List<String> DERIVED = List.of("pk", "sk", "time_and_id", "shard", "request_key", "expires_at");

  String INDEX_KEY = "_shard";

  /** The end of the year 9999. */
  long LAST_SECOND = 253_402_300_799L;

  /**
   * Reads a line.
   *
   * @throws UnreadableException if it is none of an export
   */
  static ExportItem read(String line) throws UnreadableException {
    try {
      JsonNode json = Json.PASSED.parse(line);
      JsonNode typed = json.path("Item").isObject() ? json.path("Item") : json;
      return typed.path("pk").isObject() && json instanceof ObjectNode
          ? ofItem(DynamoDbJson.item(typed))
          : ofPlain(json);
    } catch (MalformedJsonException | IllegalArgumentException e) {
      throw new UnreadableException("is not a line of an export");
    }
  }

  private static ExportItem ofItem(ObjectNode item) {
    String pk = item.path("pk").asText();
    String sk = item.path("sk").asText();
    if (sk.equals("record")) {
      return new StoredRecord(withoutDerived(item), pk, expiresAt(item));
    }
    if (!pk.startsWith("#chain#")) {
      return new Other();
    }
    String key = pk + "#" + sk;
    return ChainLink.fromJson(integers(item))
        .<ExportItem>map(link -> new Link(link, Optional.of(key), expiresAt(item)))
        .orElse(new BrokenLink(key));
  }

  private static ExportItem ofPlain(JsonNode json) {
    if (json instanceof ObjectNode record && record.path("audit_id").isTextual()) {
      return new StoredRecord(
          withoutDerived(record), record.path("audit_id").textValue(), expiresAt(record));
    }
    if (!json.has("chain") || !json.has("link")) {
      throw new IllegalArgumentException("neither a record nor a link");
    }
    return ChainLink.fromJson(json)
        .<ExportItem>map(link -> new Link(link, Optional.empty(), expiresAt(json)))
        .orElseGet(
            () -> new BrokenLink(key(json.path("chain").asInt(), json.path("link").asLong())));
  }

  /** The key of a link's item. */
  static String key(ChainLink link) {
    return key(link.chain(), link.link());
  }

  private static String key(int chain, long link) {
    return "#chain#%d#%012d".formatted(chain, link);
  }

  private static ObjectNode withoutDerived(ObjectNode item) {
    var record = Json.object();
    for (var member : item.properties()) {
      if (!DERIVED.contains(member.getKey()) && !member.getKey().endsWith(INDEX_KEY)) {
        record.set(member.getKey(), member.getValue());
      }
    }
    return record;
  }

  /** The table's numbers are decimals; an edited one that is no integer stays as it is. */
  private static ObjectNode integers(ObjectNode item) {
    for (String name : List.of("chain", "link")) {
      JsonNode number = item.path(name);
      if (number.canConvertToExactIntegral() && number.canConvertToLong()) {
        item.put(name, number.longValue());
      }
    }
    return item;
  }

  private static OptionalLong expiresAt(JsonNode item) {
    JsonNode value = item.path("expires_at");
    return value.isNumber() && value.canConvertToLong() && isTime(value.longValue())
        ? OptionalLong.of(value.longValue())
        : OptionalLong.empty();
  }

  /** The chains do not cover the time of expiry, so an edited one is ignored. */
  private static boolean isTime(long seconds) {
    return seconds >= 0 && seconds <= LAST_SECOND;
  }
}
