package dev.skein.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.ChainLink;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The records and links of a table, which a test exports, and may edit before. */
final class TestTrail {
  static final Duration RETENTION = Duration.ofDays(30);

  final Map<String, ObjectNode> records = new LinkedHashMap<>();

  /** In the order of their writing; by default two chains. */
  final List<ObjectNode> links = new ArrayList<>();

  private final Map<Integer, ChainLink> heads = new HashMap<>();

  /**
   * Six records: 1 to 4 in the links 0:1 to 0:4, each with its intent and in the next link its
   * result, and 5 (an intent without a result) and 6 in chain 1. The last link of each chain is
   * written two hours later.
   */
  static TestTrail small() {
    var trail = new TestTrail();
    trail.link(0, 1, Samples.intent(1), Samples.intent(2));
    trail.link(1, 1, Samples.intent(5));
    trail.link(0, 2, Samples.completed(1), Samples.completed(2), Samples.intent(3));
    trail.link(0, 3, Samples.completed(3), Samples.completed(1));
    trail.link(1, 2, Samples.intent(6), Samples.completed(6));
    trail.link(0, 4, Samples.intent(4), Samples.completed(4));
    trail.link(0, 125, Samples.intent(7));
    trail.link(1, 125, Samples.intent(8));
    return trail;
  }

  /** Stores the records and links them, in the minute after the first record's time. */
  void link(int chain, long minute, ObjectNode... stored) {
    link(chain, Samples.TIME.plus(Duration.ofMinutes(minute)), List.of(stored));
  }

  void link(int chain, Instant at, List<ObjectNode> stored) {
    var entries = new ArrayList<ChainLink.Entry>();
    for (ObjectNode record : stored) {
      ObjectNode salted = record.deepCopy();
      salted.put("content_salt", "00112233445566778899aabbccddeeff");
      records.put(salted.path("audit_id").textValue(), salted);
      entries.add(ChainLink.Entry.of(salted));
    }
    ChainLink before = heads.get(chain);
    ChainLink link =
        before == null ? ChainLink.first(chain, entries, at) : before.next(entries, at);
    heads.put(chain, link);
    links.add(link.toJson());
  }

  ObjectNode record(int number) {
    ObjectNode record = records.get(Samples.id(number));
    if (record == null) {
      throw new AssertionError("there is no record " + number);
    }
    return record;
  }

  ObjectNode link(int chain, long number) {
    return links.stream()
        .filter(it -> it.path("chain").intValue() == chain && it.path("link").longValue() == number)
        .findFirst()
        .orElseThrow();
  }

  ChainLink parsed(int chain, long number) {
    return ChainLink.fromJson(link(chain, number)).orElseThrow();
  }

  String head(int chain, long number) {
    return "%d:%d:%s".formatted(chain, number, parsed(chain, number).sha256());
  }

  /** As {@code GET /audit} and {@code GET /audit/chain} return them. */
  List<String> lines() {
    return Stream.concat(records.values().stream(), links.stream())
        .map(Json.STRICT::write)
        .toList();
  }

  /** As DynamoDB exports the items, with those that are neither records nor links. */
  List<String> items() {
    var items = new ArrayList<String>();
    records.forEach((id, record) -> items.add(item(id, "record", withIndexKeys(record))));
    for (ObjectNode link : links) {
      String sk = "%012d".formatted(link.path("link").longValue());
      items.add(item("#chain#" + link.path("chain").intValue(), sk, link.deepCopy()));
    }
    items.add(item("#shards", "max", Json.object().put("shards", 2)));
    items.add(item(Samples.id(1), "content#message#00", Json.object().put("data", "H4sI")));
    return items;
  }

  private static ObjectNode withIndexKeys(ObjectNode record) {
    return record
        .deepCopy()
        .put("time_and_id", "t#" + record.path("audit_id").textValue())
        .put("shard", "1")
        .put("user_shard", "alice#1")
        .put("request_key", "request");
  }

  private static String item(String pk, String sk, ObjectNode attributes) {
    String time =
        attributes
            .path("written_at")
            .asText(attributes.path("timestamp").asText("1970-01-01T00:00:00.000Z"));
    attributes.put("pk", pk).put("sk", sk);
    attributes.put("expires_at", Instant.parse(time).plus(RETENTION).getEpochSecond());
    var item = Json.object();
    item.set("Item", typed(attributes).path("M"));
    return Json.STRICT.write(item);
  }

  private static ObjectNode typed(JsonNode value) {
    var typed = Json.object();
    switch (value.getNodeType()) {
      case STRING -> typed.put("S", value.textValue());
      case NUMBER -> typed.put("N", value.asText());
      case BOOLEAN -> typed.put("BOOL", value.booleanValue());
      case NULL -> typed.put("NULL", true);
      case ARRAY -> {
        var list = typed.putArray("L");
        value.forEach(it -> list.add(typed(it)));
      }
      default -> {
        var map = typed.putObject("M");
        value.properties().forEach(it -> map.set(it.getKey(), typed(it.getValue())));
      }
    }
    return typed;
  }

  static ObjectNode json(String text) {
    try {
      return (ObjectNode) Json.PASSED.parse(text);
    } catch (MalformedJsonException e) {
      throw new AssertionError(e);
    }
  }
}
