package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.functions.audit.AuditQuery.Range;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

/**
 * Reads pages of records, newest first, from the table's indexes: {@code by_user} for one user,
 * else {@code by_day}, one day after the other. It never scans the table. The indexes are
 * eventually consistent, so a record that was just written may be missing. Thread-safe.
 */
record AuditIndex(DynamoDbClient dynamo, TableConfig config) {
  /** The maximum number of days that one page searches, which bounds its cost. */
  static final int MAX_DAYS = 32;

  /** Characters of JSON. Escaped, they at most double, and stay below Lambda's 6 MB. */
  static final int MAX_PAGE_CHARACTERS = 2_500_000;

  private static final Duration MAX_QUERY = Duration.ofSeconds(3);

  /**
   * One page.
   *
   * @param next the position of the next page; empty on the last page. A page with fewer records
   *     than the limit, or none, may have one: its records are large, or many days have no records
   */
  record Page(List<ObjectNode> records, Optional<String> next) {}

  /** One partition of an index. */
  private record Partition(String index, String attribute, String value) {
    private static Partition of(LocalDate day) {
      return new Partition("by_day", AuditItem.DAY, day.toString());
    }
  }

  /**
   * Reads the page of a query.
   *
   * @throws software.amazon.awssdk.core.exception.SdkException if the table cannot be read
   */
  Page page(AuditQuery query, Instant now, Deadline deadline) {
    var range = query.range(now, config.retention());
    if (range.isEmpty()) {
      return new Page(List.of(), Optional.empty());
    }
    if (query.userId().isPresent()) {
      var user = new Partition("by_user", "user_id", query.userId().get());
      return page(List.of(user), range, query.limit(), deadline);
    }
    LocalDate newest = AuditItem.day(range.upper());
    LocalDate oldest = AuditItem.day(range.lower());
    LocalDate bound = newest.minusDays(MAX_DAYS - 1);
    LocalDate last = bound.isAfter(oldest) ? bound : oldest;
    var days = newest.datesUntil(last.minusDays(1), Period.ofDays(-1)).map(Partition::of).toList();
    Page page = page(days, range, query.limit(), deadline);
    return page.next().isPresent() || !last.isAfter(oldest)
        ? page
        : new Page(page.records(), Optional.of(AuditItem.startOf(last)));
  }

  private Page page(List<Partition> partitions, Range range, int limit, Deadline deadline) {
    var records = new ArrayList<ObjectNode>();
    int room = MAX_PAGE_CHARACTERS;
    for (Partition partition : partitions) {
      // One record more than the page has shows whether there is a next page, and where.
      var query = query(partition, range, limit - records.size() + 1, deadline);
      for (var item : dynamo.queryPaginator(query).items()) {
        ObjectNode record = AuditItem.record(item);
        room -= Json.STRICT.write(record).length();
        if (records.size() == limit || (room < 0 && !records.isEmpty())) {
          return new Page(records, Optional.of(AuditItem.key(record)));
        }
        records.add(record);
      }
    }
    return new Page(records, Optional.empty());
  }

  private QueryRequest query(Partition partition, Range range, int limit, Deadline deadline) {
    Duration left = deadline.remaining();
    if (!left.isPositive()) {
      throw SdkClientException.create("no time left for a query");
    }
    return QueryRequest.builder()
        .tableName(config.table())
        .indexName(partition.index())
        .keyConditionExpression("#partition = :value AND #key BETWEEN :lower AND :upper")
        .expressionAttributeNames(
            Map.of("#partition", partition.attribute(), "#key", AuditItem.TIME_AND_ID))
        .expressionAttributeValues(
            Map.of(
                ":value", AttributeValue.fromS(partition.value()),
                ":lower", AttributeValue.fromS(range.lower()),
                ":upper", AttributeValue.fromS(range.upper())))
        .scanIndexForward(false)
        .limit(limit)
        .overrideConfiguration(
            override -> override.apiCallTimeout(left.compareTo(MAX_QUERY) < 0 ? left : MAX_QUERY))
        .build();
  }
}
