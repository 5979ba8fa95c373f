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

  /** An item that the chains do not cover: content, or the number of shards. */
  record Other() implements ExportItem {}

  List<String> DERIVED = List.of("pk", "sk", "time_and_id", "shard", "request_key", "expires_at");

  String INDEX_KEY = "_shard";

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
    ChainLink link = ChainLink.fromJson(integers(item)).orElseThrow(IllegalArgumentException::new);
    return new Link(link, Optional.of(pk + "#" + sk), expiresAt(item));
  }

  private static ExportItem ofPlain(JsonNode json) {
    if (json instanceof ObjectNode record && record.path("audit_id").isTextual()) {
      return new StoredRecord(
          withoutDerived(record), record.path("audit_id").textValue(), expiresAt(record));
    }
    var link = ChainLink.fromJson(json).orElseThrow(IllegalArgumentException::new);
    return new Link(link, Optional.empty(), expiresAt(json));
  }

  /** The key of a link's item. */
  static String key(ChainLink link) {
    return "#chain#%d#%012d".formatted(link.chain(), link.link());
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

  /** The table's numbers are decimals. */
  private static ObjectNode integers(ObjectNode item) {
    for (String name : List.of("chain", "link")) {
      item.put(name, item.path(name).decimalValue().longValueExact());
    }
    return item;
  }

  private static OptionalLong expiresAt(JsonNode item) {
    JsonNode value = item.path("expires_at");
    return value.isNumber() ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
  }
}
