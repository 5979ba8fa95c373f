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
  private Optional<Head> head = Optional.empty();

  /** An appender that has not chosen its chain. */
  AuditChain(
      DynamoDbClient dynamo, TableConfig config, InstantSource clock, RandomGenerator random) {
    this.dynamo = dynamo;
    this.config = config;
    this.clock = clock;
    this.random = random;
  }

  /**
   * The newest link of a chain.
   *
   * @param expiresAt in seconds of the epoch
   */
  private record Head(ChainLink link, long expiresAt) {}

  /** The newest link of a chain is not one: it was edited, or this version does not know it. */
  private static final class MalformedLinkException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedLinkException(int chain) {
      super("chain " + chain + " ends with a malformed link");
    }
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
    return new Result.Linked(head.orElseThrow().link());
  }

  private StoreResult appendOne(List<Entry> entries, Deadline deadline) {
    try {
      return deadline.hasPassed() ? NOT_REACHED : appendLink(entries, deadline);
    } catch (MalformedLinkException e) {
      // The retry is likely to choose another chain.
      return new NotStored(FailureReason.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private StoreResult appendLink(List<Entry> entries, Deadline deadline)
      throws MalformedLinkException {
    int number = chain.orElseGet(() -> random.nextInt(config.shards()));
    if (chain.isEmpty()) {
      head = newest(number, deadline);
    }
    // Until it is known again, whatever is thrown: the put may have been done.
    chain = OptionalInt.empty();
    while (!deadline.hasPassed()) {
      var link = next(number, entries);
      if (put(link, deadline)) {
        head = Optional.of(link);
        chain = OptionalInt.of(number);
        return new Stored();
      }
      head = newest(number, deadline);
    }
    return NOT_REACHED;
  }

  /** A link that does not expire before the one that it follows, although retention was lowered. */
  private Head next(int number, List<Entry> entries) {
    var now = clock.instant();
    long expiresAt = now.plus(config.retention()).getEpochSecond();
    return head.map(
            newest ->
                new Head(newest.link().next(entries, now), Math.max(expiresAt, newest.expiresAt())))
        .orElseGet(() -> new Head(ChainLink.first(number, entries, now), expiresAt));
  }

  /** Whether the link is in the table now; false if another one has its number. */
  private boolean put(Head link, Deadline deadline) {
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
      return AttributeValue.fromS(link.link().sha256()).equals(e.item().get("sha256"));
    }
  }

  private Optional<Head> newest(int number, Deadline deadline) throws MalformedLinkException {
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
    if (items.isEmpty()) {
      return Optional.empty();
    }
    var item = items.getFirst();
    var link = ChainLink.fromJson(AuditItem.record(item));
    if (link.isEmpty()) {
      throw new MalformedLinkException(number);
    }
    var expiresAt = item.getOrDefault(AuditItem.EXPIRES_AT, AttributeValue.fromN("0"));
    return Optional.of(new Head(link.get(), Long.parseLong(expiresAt.n())));
  }

  private static Map<String, AttributeValue> item(Head head) {
    var link = head.link();
    var item = new HashMap<>(AuditItem.attributes(link.toJson()));
    item.put(AuditItem.PK, partition(link.chain()));
    item.put(AuditItem.SK, AttributeValue.fromS("%012d".formatted(link.link())));
    item.put(AuditItem.EXPIRES_AT, AttributeValue.fromN(Long.toString(head.expiresAt())));
    return item;
  }

  private static AttributeValue partition(int chain) {
    return AttributeValue.fromS("#chain#" + chain);
  }

  private static Duration limit(Deadline deadline) {
    return CallLimit.of(deadline, MAX_CALL);
  }
}
