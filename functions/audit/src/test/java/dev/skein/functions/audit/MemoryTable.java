package dev.skein.functions.audit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * A table in memory, for a million records within a minute. It evaluates the conditions that the
 * consumer uses, each atomically with its write, and refuses what it does not know. Without
 * indexes. Thread-safe.
 */
final class MemoryTable implements DynamoDbClient {

  /** An item's key. */
  record Key(String pk, String sk) {
    static Key of(Map<String, AttributeValue> item) {
      return new Key(text(item, AuditItem.PK), text(item, AuditItem.SK));
    }

    private static String text(Map<String, AttributeValue> item, String name) {
      return Objects.requireNonNull(item.get(name), name).s();
    }
  }

  private final Map<Key, Map<String, AttributeValue>> items = new ConcurrentHashMap<>();

  /** Of the chains only. */
  private final Map<String, ConcurrentSkipListSet<String>> sortKeys = new ConcurrentHashMap<>();

  @Override
  public PutItemResponse putItem(PutItemRequest request) {
    var item = Map.copyOf(request.item());
    var key = Key.of(item);
    items.compute(
        key,
        (_, stored) -> {
          check(request, stored);
          if (key.pk().startsWith("#chain#")) {
            sortKeys.computeIfAbsent(key.pk(), _ -> new ConcurrentSkipListSet<>()).add(key.sk());
          }
          return item;
        });
    return PutItemResponse.builder()
        .consumedCapacity(ConsumedCapacity.builder().capacityUnits(1.0).build())
        .build();
  }

  private static void check(PutItemRequest request, @Nullable Map<String, AttributeValue> stored) {
    String condition = request.conditionExpression();
    if (condition == null) {
      return;
    }
    var against = stored == null ? Map.<String, AttributeValue>of() : stored;
    var names = request.expressionAttributeNames();
    var values = request.expressionAttributeValues();
    if (!new Condition(condition, names, values).holds(against)) {
      throw ConditionalCheckFailedException.builder().item(stored).build();
    }
  }

  /** Only as the number of shards is raised. */
  @Override
  public UpdateItemResponse updateItem(UpdateItemRequest request) {
    String shards = Objects.requireNonNull(request.expressionAttributeValues().get(":shards")).n();
    if (!request.updateExpression().equals("SET shards = :shards")
        || !request
            .conditionExpression()
            .equals("attribute_not_exists(shards) OR shards < :shards")) {
      throw new UnsupportedOperationException(request.toString());
    }
    items.compute(
        Key.of(request.key()),
        (_, stored) -> {
          var old = stored == null ? null : stored.get("shards");
          if (old != null && Integer.parseInt(old.n()) >= Integer.parseInt(shards)) {
            throw ConditionalCheckFailedException.builder().build();
          }
          var item = new HashMap<>(request.key());
          item.put("shards", AttributeValue.fromN(shards));
          return item;
        });
    return UpdateItemResponse.builder().build();
  }

  @Override
  public GetItemResponse getItem(GetItemRequest request) {
    var item = items.getOrDefault(Key.of(request.key()), Map.of());
    return GetItemResponse.builder().item(item).build();
  }

  /** Only the newest items of a partition. */
  @Override
  public QueryResponse query(QueryRequest request) {
    if (!request.keyConditionExpression().equals("pk = :pk") || request.scanIndexForward()) {
      throw new UnsupportedOperationException(request.toString());
    }
    String pk = Objects.requireNonNull(request.expressionAttributeValues().get(":pk")).s();
    var newest =
        sortKeys.getOrDefault(pk, new ConcurrentSkipListSet<>()).descendingSet().stream()
            .limit(request.limit())
            .map(sk -> items.get(new Key(pk, sk)))
            .filter(Objects::nonNull)
            .toList();
    return QueryResponse.builder().items(newest).build();
  }

  /** All records, by their id. */
  Map<String, Map<String, AttributeValue>> records() {
    return items.entrySet().stream()
        .filter(item -> item.getKey().sk().equals(AuditItem.RECORD))
        .collect(Collectors.toMap(item -> item.getKey().pk(), Map.Entry::getValue));
  }

  /** All links of all chains, in no order. */
  List<Map<String, AttributeValue>> links() {
    return items.entrySet().stream()
        .filter(item -> item.getKey().pk().startsWith("#chain#"))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** One item. */
  Optional<Map<String, AttributeValue>> item(String pk, String sk) {
    return Optional.ofNullable(items.get(new Key(pk, sk)));
  }

  @Override
  public String serviceName() {
    return "dynamodb";
  }

  @Override
  public void close() {}

  /** A condition of terms with AND, OR and parentheses; AND binds more strongly. */
  private record Condition(
      String text, Map<String, String> names, Map<String, AttributeValue> values) {

    boolean holds(Map<String, AttributeValue> item) {
      return split(text, " OR ").stream()
          .anyMatch(part -> split(part, " AND ").stream().allMatch(term -> term(term, item)));
    }

    private boolean term(String term, Map<String, AttributeValue> item) {
      if (term.startsWith("(") && term.endsWith(")")) {
        return new Condition(term.substring(1, term.length() - 1), names, values).holds(item);
      }
      if (term.startsWith("attribute_not_exists(")) {
        return !item.containsKey(
            name(term.substring("attribute_not_exists(".length(), term.length() - 1)));
      }
      List<String> sides = List.of(term.split(" = ", -1));
      if (sides.size() != 2) {
        throw new UnsupportedOperationException(term);
      }
      var value = Objects.requireNonNull(values.get(sides.getLast()), sides.getLast());
      return value.equals(item.get(name(sides.getFirst())));
    }

    private String name(String placeholder) {
      return placeholder.startsWith("#")
          ? Objects.requireNonNull(names.get(placeholder), placeholder)
          : placeholder;
    }

    /** The parts between an operator outside of parentheses. */
    private static List<String> split(String text, String operator) {
      var parts = new ArrayList<String>();
      int depth = 0;
      int from = 0;
      for (int i = 0; i < text.length(); i++) {
        depth += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
        if (depth == 0 && text.startsWith(operator, i)) {
          parts.add(text.substring(from, i));
          from = i + operator.length();
        }
      }
      parts.add(text.substring(from));
      return parts;
    }
  }
}
