package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

@ExtendWith(TestTable.OfEachTest.class)
final class AuditFiltersTest {
  private final TestTable table;
  private final LogLines log = new LogLines();

  AuditFiltersTest(TestTable table) {
    this.table = table;
  }

  private AuditApiCaller reading() {
    return new AuditApiCaller(
        new AuditReaderFunction(
            new Composition(table.dynamo(), table.config(), log.log()),
            InstantSource.fixed(NOON),
            System::nanoTime));
  }

  private static ObjectNode record(String id, Instant time) {
    return Samples.completed(Samples.intent(id, time, "ann")).toJson();
  }

  private static ObjectNode intent(String id, Instant time) {
    return Samples.intent(id, time, "ann").toJson();
  }

  private List<String> ids(String... query) {
    var parameters = new HashMap<String, String>();
    for (int i = 0; i < query.length; i += 2) {
      parameters.put(query[i], query[i + 1]);
    }
    return reading().all(parameters, 3);
  }

  @Test
  void eachFilterSelectsTheRecordsWithItsValue() {
    var time = NOON.minusSeconds(10);
    table.put(
        List.of(
            record("a", time),
            record("b", time).put("user_id", "bob"),
            record("c", time).put("identity", "arn:other"),
            record("d", time).put("model", "m-2"),
            record("e", time).put("status", 504).put("error", "model-timed-out"),
            record("f", time).put("request_id", "r-f"),
            intent("g", time)));

    assertThat(ids("user_id", "bob")).containsExactly("b");
    assertThat(ids("identity", "arn:other")).containsExactly("c");
    assertThat(ids("model", "m-2")).containsExactly("d");
    assertThat(ids("model", "m-1-dated")).containsExactly("f", "e", "c", "b", "a");
    assertThat(ids("status", "504")).containsExactly("e");
    assertThat(ids("status", "200")).containsExactly("f", "d", "c", "b", "a");
    assertThat(ids("error", "model-timed-out")).containsExactly("e");
    assertThat(ids("error", "model-timed")).isEmpty();
    assertThat(ids("request_id", "r-f")).containsExactly("f");
    assertThat(ids("request_id", "r-f", "user_id", "bob")).isEmpty();
    assertThat(ids("request_id", "r-f", "user_id", "ann")).containsExactly("f");
    assertThat(ids("status", "504", "user_id", "ann")).containsExactly("e");
    assertThat(ids("status", "504", "user_id", "bob")).isEmpty();
    // The model of an intent is what was requested: it has not answered.
    assertThat(ids("model", "m-1")).isEmpty();
  }

  @Test
  void aLongValueIsFoundByTheWholeOfIt() {
    var time = NOON.minusSeconds(10);
    String value = "x".repeat(2000);
    table.put(List.of(record("a", time).put("identity", value)));

    assertThat(ids("identity", value)).containsExactly("a");
    assertThat(ids("identity", value.substring(1))).isEmpty();
  }

  @Test
  void incompleteRecordsAreIntentsOlderThanTheLongestFunctionTimeout() {
    table.put(
        List.of(
            intent("old", NOON.minus(Duration.ofHours(2))),
            intent("older", NOON.minus(Duration.ofDays(30))),
            intent("running", NOON.minus(Duration.ofMinutes(14))),
            record("done", NOON.minus(Duration.ofHours(1)))));

    assertThat(ids("phase", "incomplete")).containsExactly("old", "older");
    assertThat(ids("phase", "incomplete", "user_id", "ann")).containsExactly("old", "older");
    assertThat(ids("phase", "incomplete", "user_id", "bob")).isEmpty();
    assertThat(ids("phase", "incomplete", "from", "2026-06-15")).containsExactly("old");
    // A completed record has a status, and an intent has none.
    assertThat(ids("phase", "incomplete", "status", "200")).isEmpty();
  }

  @Test
  void oneRecordIsFoundByItsIdWhateverItsAge() {
    table.put(
        List.of(record("a", NOON.minus(Duration.ofDays(2000))), intent("b", NOON.plusSeconds(10))));

    assertThat(reading().page(Map.of("audit_id", "a")).ids()).containsExactly("a");
    assertThat(reading().page(Map.of("audit_id", "b")).ids()).containsExactly("b");
    assertThat(reading().page(Map.of("audit_id", "c")).ids()).isEmpty();
    assertThat(reading().page(Map.of("audit_id", "#shards")).ids()).isEmpty();
  }

  @Test
  void anIdIsNotCombinedWithOtherFilters() {
    var problem =
        AuditApiCaller.body(
            reading().answer(Map.of("audit_id", "a", "user_id", "ann", "limit", "1")));

    assertThat(problem.path("errors").findValuesAsText("pointer"))
        .containsExactly("/limit", "/user_id");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 550})
  void pagesThatEndBecauseTheTimeIsUpRepeatAndSkipNothing(int milliseconds) {
    var records =
        IntStream.range(0, 700)
            .mapToObj(
                n -> {
                  var record = record("a" + n, NOON.minusSeconds(n + 1));
                  record.put("user_id", n % 2 == 0 ? "even" : "odd");
                  return record.put("identity", n % 3 == 0 ? "third" : "other");
                })
            .toList();
    table.put(records);
    var nanos = new AtomicLong();
    var slow =
        LocalDynamo.client(
            table.endpoint(),
            request -> {
              if (request instanceof QueryRequest) {
                nanos.addAndGet(Duration.ofMillis(milliseconds).toNanos());
              }
            });
    var reader =
        new AuditReaderFunction(
            new Composition(slow, table.config(), log.log()),
            InstantSource.fixed(NOON),
            nanos::get);

    assertThat(new AuditApiCaller(reader).all(Map.of("user_id", "even", "identity", "third"), 90))
        .containsExactlyElementsOf(
            IntStream.range(0, 700).filter(n -> n % 6 == 0).mapToObj(n -> "a" + n).toList());
  }

  /** Against a plain scan of a list, over shards, pages and combinations of filters. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void anyCombinationOfFiltersHasItsRecordsInOrderOnPagesThatAreFull(long seed) {
    var random = new Random(seed);
    var records = random(random, 500);
    table.put(records);

    for (int n = 0; n < 8; n++) {
      var filters = new EnumMap<AuditFilter, String>(AuditFilter.class);
      var names = new ArrayList<>(List.of(AuditFilter.values()));
      Collections.shuffle(names, random);
      var sample = records.get(random.nextInt(records.size()));
      for (var filter : names.subList(0, 1 + random.nextInt(3))) {
        filters.put(
            filter,
            filter == AuditFilter.PHASE
                ? AuditFilter.INCOMPLETE
                : filter == AuditFilter.STATUS
                    ? sample.path("status").asText("200")
                    : sample.path(filter.parameter()).asText("model-timed-out"));
      }
      var query = new HashMap<String, String>();
      filters.forEach((filter, value) -> query.put(filter.parameter(), value));
      if (query.containsValue("null")) {
        query.put("error", "model-timed-out");
        filters.put(AuditFilter.ERROR, "model-timed-out");
      }
      int limit = 1 + random.nextInt(40);

      assertThat(fullPages(query, limit))
          .as("%s", query)
          .containsExactlyElementsOf(expected(records, filters));
    }
  }

  private List<String> fullPages(Map<String, String> query, int limit) {
    var ids = new ArrayList<String>();
    var page = reading().page(query, "limit", "" + limit);
    while (page.next().isPresent()) {
      assertThat(page.ids()).hasSize(limit);
      ids.addAll(page.ids());
      page = reading().page(query, "limit", "" + limit, "cursor", page.next().get());
      assertThat(page.ids()).isNotEmpty();
    }
    ids.addAll(page.ids());
    return ids;
  }

  private static List<ObjectNode> random(Random random, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            n -> {
              var time = NOON.minus(Duration.ofMinutes(1 + random.nextInt(60 * 24 * 30)));
              var record = random.nextInt(10) == 0 ? intent("a" + n, time) : record("a" + n, time);
              record.put("user_id", random.nextInt(20) == 0 ? "rare" : "u" + random.nextInt(3));
              record.put("identity", "i" + random.nextInt(2));
              if (record.has("status")) {
                record.put("model", random.nextInt(30) == 0 ? "m-rare" : "m");
                if (random.nextInt(12) == 0) {
                  record.put("status", 504).put("error", "model-timed-out");
                }
              }
              return record;
            })
        .toList();
  }

  private static List<String> expected(List<ObjectNode> records, Map<AuditFilter, String> filters) {
    return records.stream()
        .filter(record -> filters.entrySet().stream().allMatch(it -> matches(record, it)))
        .sorted(Comparator.comparing(AuditItem::timeAndId).reversed())
        .map(record -> record.path("audit_id").asText())
        .toList();
  }

  private static boolean matches(ObjectNode record, Map.Entry<AuditFilter, String> filter) {
    boolean completed = record.has("status");
    return switch (filter.getKey()) {
      case PHASE ->
          !completed && record.path("timestamp").asText().compareTo("2026-06-15T11:40:00.000Z") < 0;
      case MODEL -> completed && record.path("model").asText().equals(filter.getValue());
      case USER_ID, IDENTITY, STATUS, ERROR, REQUEST_ID ->
          record.path(filter.getKey().parameter()).asText("").equals(filter.getValue());
    };
  }
}
