package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.ChainLink;
import dev.skein.audit.ChainLink.Entry;
import dev.skein.base.Deadline;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import dev.skein.functions.audit.StoreResult.Stored;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/**
 * Appends links to one of the table's hash chains. There are as many chains as shards, and each
 * environment uses one of them, so that environments rarely compete. Each link is written only if
 * there is none with its number, so a chain cannot fork and has no gap. Thread-safe.
 */
final class AuditChain {
  /**
   * The maximum number of records in a link: more than a batch has. Its item has at most 150 KB, of
   * the 400 KB that are allowed, and usually 110 bytes for each record.
   */
  static final int MAX_ENTRIES = 250;

  private static final Duration MAX_CALL = Duration.ofSeconds(4);

  private static final NotStored NOT_REACHED =
      new NotStored(FailureReason.OUT_OF_TIME, "not reached");

  private final DynamoDbClient dynamo;
  private final TableConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** The chosen chain; empty if its newest link is not known. */
  private OptionalInt chain = OptionalInt.empty();

  /** Its newest link, empty if it has none. */
  private Optional<ChainLink> head = Optional.empty();

  /** An appender that has not chosen its chain. */
  AuditChain(
      DynamoDbClient dynamo, TableConfig config, InstantSource clock, RandomGenerator random) {
    this.dynamo = dynamo;
    this.config = config;
    this.clock = clock;
    this.random = random;
  }

  /** What appending did. */
  sealed interface Result {

    /** All entries are in the chain, the last of them in {@code last}. */
    record Linked(ChainLink last) implements Result {

      /**
       * Names the link in a log line, which anchors the chain where an editor of the table cannot
       * reach it.
       */
      void anchor(ObjectNode line) {
        line.put("chain", last.chain()).put("link", last.link()).put("sha256", last.sha256());
      }
    }

    /** Some entries are not in the chain, or not known to be in it. */
    record NotLinked(NotStored failure) implements Result {}
  }

  /**
   * Appends the entries in order, in one link for each {@link #MAX_ENTRIES} of them.
   *
   * @param entries at least one
   */
  synchronized Result append(List<Entry> entries, Deadline deadline) {
    for (int from = 0; from < entries.size(); from += MAX_ENTRIES) {
      var part = entries.subList(from, Math.min(entries.size(), from + MAX_ENTRIES));
      var result = TableFailure.resultOf(() -> appendOne(part, deadline));
      if (result instanceof NotStored failure) {
        return new Result.NotLinked(failure);
      }
    }
    return new Result.Linked(head.orElseThrow());
  }

  private StoreResult appendOne(List<Entry> entries, Deadline deadline) {
    if (deadline.hasPassed()) {
      return NOT_REACHED;
    }
    int number = chain.orElseGet(() -> random.nextInt(config.shards()));
    if (chain.isEmpty()) {
      head = newest(number, deadline);
    }
    // Until it is known again, whatever is thrown: the put may have been done.
    chain = OptionalInt.empty();
    while (!deadline.hasPassed()) {
      var link =
          head.map(newest -> newest.next(entries, clock.instant()))
              .orElseGet(() -> ChainLink.first(number, entries, clock.instant()));
      if (put(link, deadline)) {
        head = Optional.of(link);
        chain = OptionalInt.of(number);
        return new Stored();
      }
      head = newest(number, deadline);
    }
    return NOT_REACHED;
  }

  /** Whether the link is in the table now; false if another one has its number. */
  private boolean put(ChainLink link, Deadline deadline) {
    try {
      dynamo.putItem(
          PutItemRequest.builder()
              .tableName(config.table())
              .item(item(link))
              .conditionExpression("attribute_not_exists(pk)")
              .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
              .overrideConfiguration(override -> override.apiCallTimeout(limit(deadline)))
              .build());
      return true;
    } catch (ConditionalCheckFailedException e) {
      // The SDK repeats a put whose response was lost: then the link that is there is this one.
      return AttributeValue.fromS(link.sha256()).equals(e.item().get("sha256"));
    }
  }

  private Optional<ChainLink> newest(int number, Deadline deadline) {
    var items =
        dynamo
            .query(
                QueryRequest.builder()
                    .tableName(config.table())
                    .keyConditionExpression("pk = :pk")
                    .expressionAttributeValues(Map.of(":pk", partition(number)))
                    .scanIndexForward(false)
                    .consistentRead(true)
                    .limit(1)
                    .overrideConfiguration(override -> override.apiCallTimeout(limit(deadline)))
                    .build())
            .items();
    return items.isEmpty()
        ? Optional.empty()
        : Optional.of(ChainLink.fromJson(AuditItem.record(items.getFirst())).orElseThrow());
  }

  private Map<String, AttributeValue> item(ChainLink link) {
    var item = new HashMap<>(AuditItem.attributes(link.toJson()));
    long expiresAt = clock.instant().plus(config.retention()).getEpochSecond();
    item.put(AuditItem.PK, partition(link.chain()));
    item.put(AuditItem.SK, AttributeValue.fromS("%012d".formatted(link.link())));
    item.put(AuditItem.EXPIRES_AT, AttributeValue.fromN(Long.toString(expiresAt)));
    return item;
  }

  private static AttributeValue partition(int chain) {
    return AttributeValue.fromS("#chain#" + chain);
  }

  private static Duration limit(Deadline deadline) {
    return CallLimit.of(deadline, MAX_CALL);
  }
}
