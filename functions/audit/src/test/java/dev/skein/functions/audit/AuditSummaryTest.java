package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

@ExtendWith(TestTable.OfEachTest.class)
final class AuditSummaryTest {
  private static final String NOTHING =
      """
      "records":0,"errors":0,"failovers":0,"incomplete":0,"prompt_tokens":null,\
      "completion_tokens":null,"total_tokens":null,"records_without_tokens":0,"cost_usd":null,\
      "records_without_cost":0,"discarded_cost_usd":null,\
      "records_with_unknown_discarded_cost":0,"latency_ms":{"p50":null,"p95":null},\
      "time_to_first_token_ms":{"p50":null,"p95":null}\
      """;

  private final TestTable table;
  private final LogLines log = new LogLines();
  private final Set<String> asked = new ConcurrentSkipListSet<>();
  private final AuditApiCaller reading;

  AuditSummaryTest(TestTable table) {
    this.table = table;
    this.reading = reading(_ -> {}, System::nanoTime, Duration.ofSeconds(60));
  }

  private AuditApiCaller reading(LocalDynamo.Before before, LongSupplier nanos, Duration time) {
    var dynamo = LocalDynamo.client(table.endpoint(), before);
    var root = new Composition(dynamo, table.config(), log.log());
    return new AuditApiCaller(
        new AuditReaderFunction(root, InstantSource.fixed(NOON), nanos), time);
  }

  private JsonNode summary(Map<String, String> query) {
    return summary(reading, query);
  }

  private static JsonNode summary(AuditApiCaller reading, Map<String, String> query) {
    var response = reading.get("/audit/summary", "application/json", query);
    assertThat(response.status()).as(response.text()).isEqualTo(200);
    return AuditApiCaller.json(response.text());
  }

  /** The same records, as GET /audit exports them. */
  private List<JsonNode> exported(Map<String, String> query) {
    var response = reading.get("/audit", "application/jsonl", query);
    assertThat(response.status()).isEqualTo(200);
    return response.text().lines().map(AuditApiCaller::json).toList();
  }

  private static ObjectNode record(String id, Instant time) {
    return Samples.completed(Samples.intent(id, time, "ann")).toJson();
  }

  @Test
  void anEmptyTrailHasEmptyBuckets() {
    var summary = summary(Map.of("from", "2026-06-14T23:59:59Z", "to", "2026-06-15T00:01:00Z"));

    assertThat(Json.STRICT.write(summary))
        .isEqualTo(
            """
            {"from":"2026-06-14T23:59:59.000Z","to":"2026-06-15T00:01:00.000Z","interval_s":60,\
            "totals":{%1$s},"buckets":[{"start":"2026-06-14T23:59:00.000Z",%1$s},\
            {"start":"2026-06-15T00:00:00.000Z",%1$s}],\
            "models":[],"other_models":null,"users":[],"other_users":null,\
            "complete":true,"next_from":null}\
            """
                .formatted(NOTHING));
  }

  @Test
  void aRecordIsInTheTotalsInItsBucketAndAtItsModelAndUser() {
    var record = record("a", NOON.minusSeconds(1));
    record.put("cost_usd", "0.00012345");
    record.putObject("discarded_cost_usd").put("low", "0.1").put("high", "0.25");
    table.put(List.of(record));

    var summary = summary(Map.of("from", "2026-06-15T11:59:00Z"));

    String sums =
        """
        "records":1,"errors":0,"failovers":0,"incomplete":0,"prompt_tokens":12,\
        "completion_tokens":5,"total_tokens":17,"records_without_tokens":0,\
        "cost_usd":"0.00012345","records_without_cost":0,\
        "discarded_cost_usd":{"low":"0.1","high":"0.25"},\
        "records_with_unknown_discarded_cost":0,"latency_ms":{"p50":430,"p95":430},\
        "time_to_first_token_ms":{"p50":87,"p95":87}\
        """;
    assertThat(Json.STRICT.write(summary))
        .isEqualTo(
            """
            {"from":"2026-06-15T11:59:00.000Z","to":"2026-06-15T12:00:00.000Z","interval_s":60,\
            "totals":{%1$s},"buckets":[{"start":"2026-06-15T11:59:00.000Z",%1$s}],\
            "models":[{"model":"m-1-dated",%1$s}],"other_models":null,\
            "users":[{"user_id":"ann",%1$s}],"other_users":null,\
            "complete":true,"next_from":null}\
            """
                .formatted(sums));
  }

  /** Against plain sums of what GET /audit returns, with every filter and some of their pairs. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void theSumsAreThoseOfTheRecordsThatGetAuditReturns(long seed) {
    table.put(new RandomTrail(seed, Duration.ofDays(3)).records(1500));
    var random = new Random(seed);
    var filters = new ArrayList<Map<String, String>>();
    filters.add(Map.of());
    filters.add(Map.of("user_id", "u" + random.nextInt(70)));
    filters.add(Map.of("identity", "i1"));
    filters.add(Map.of("model", "m-0"));
    filters.add(Map.of("status", "504"));
    filters.add(Map.of("error", "item-failed"));
    filters.add(Map.of("user_id", "rare", "identity", "i0"));
    filters.add(Map.of("model", "m-rare", "status", "200"));
    filters.add(Map.of("error", "item-failed", "model", "m-1", "identity", "i0"));
    filters.add(Map.of("user_id", "nobody", "identity", "i0"));
    for (var filter : filters) {
      var query = new HashMap<>(filter);
      query.put("from", NOON.minus(Duration.ofMinutes(random.nextInt(60 * 24 * 4))).toString());
      query.put("to", NOON.minus(Duration.ofMinutes(random.nextInt(60) - 30)).toString());
      if (Instant.parse(query.get("from")).isBefore(Instant.parse(query.get("to")))) {
        var records = exported(query);
        SummedByHand.check(summary(query), records);
        query.put("interval", Integer.toString(700 + random.nextInt(100_000)));
        SummedByHand.check(summary(query), records);
      }
    }
  }

  /** Its keys are then not all read: the record shows whether the filter selects it. */
  @Test
  void aFilterThatSelectsFarMoreThanAnotherIsAppliedToo() {
    var records = new ArrayList<ObjectNode>();
    IntStream.range(0, 3000)
        .forEach(n -> records.add(record("a" + n, NOON.minusSeconds(5000 - n))));
    for (int n = 0; n < 20; n++) {
      var rare = record("rare" + n, NOON.minusSeconds(1)).put("model", "m-rare");
      records.add(n % 2 == 0 ? rare : rare.put("status", 504));
    }
    table.put(records);

    var totals = summary(Map.of("model", "m-rare", "status", "200")).path("totals");

    assertThat(totals.path("records").asInt()).isEqualTo(10);
  }

  @Test
  void theRangeIsTheLast24HoursUnlessTheParametersSayAnother() {
    table.put(
        List.of(
            record("before", NOON.minus(Duration.ofDays(1)).minusMillis(1)),
            record("first", NOON.minus(Duration.ofDays(1))),
            record("last", NOON.minusMillis(1)),
            record("now", NOON)));

    assertThat(summary(Map.of()).at("/totals/records").asInt()).isEqualTo(2);
    assertThat(summary(Map.of("to", "2026-06-15T12:00:00.001Z")).at("/totals/records").asInt())
        .isEqualTo(2);
    assertThat(summary(Map.of("from", "2026-06-14")).at("/totals/records").asInt()).isEqualTo(3);
    assertThat(summary(Map.of("to", "2026-06-14T12:00:00Z")).at("/totals/records").asInt())
        .isEqualTo(1);
    assertThat(summary(Map.of("from", "2026-06-01", "to", "2026-07-01")).at("/totals/records"))
        .isEqualTo(Json.object().numberNode(4));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-06-15T11:59:59.999Z, 60, 1",
    "2026-06-15T11:00:00Z, 60, 60",
    "2026-06-15T10:59:59Z, 300, 13",
    "2026-06-15T07:00:00Z, 300, 60",
    "2026-06-15T06:59:59Z, 900, 21",
    "2026-06-14T12:00:00Z, 3600, 24",
    "2026-06-13T00:00:00Z, 3600, 60",
    "2026-06-12T23:59:59Z, 21600, 11",
    "2026-05-31T12:00:00Z, 21600, 60",
    "2026-05-31T11:59:59Z, 86400, 16",
    "2026-04-17T00:00:00Z, 86400, 60",
    "2026-04-16T23:59:59Z, 604800, 9",
    "2025-05-01T00:00:00Z, 604800, 59",
    "2025-04-03T00:00:00Z, 2678400, 15",
    "1990-01-01T00:00:00Z, 2678400, 431",
  })
  void theDefaultIntervalMakesAtMost60Buckets(String from, int interval, int buckets) {
    var summary = summary(Map.of("from", from));

    assertThat(summary.path("interval_s").asInt()).isEqualTo(interval);
    assertThat(summary.path("buckets").size()).isEqualTo(buckets);
  }

  @Test
  void bucketsBeginAtMultiplesOfTheIntervalSince1970() {
    var summary =
        summary(
            Map.of("from", "1969-12-31T23:58:30Z", "to", "1970-01-01T00:03:00Z", "interval", "90"));

    assertThat(summary.path("buckets").findValuesAsText("start"))
        .containsExactly(
            "1969-12-31T23:58:30.000Z", "1970-01-01T00:00:00.000Z", "1970-01-01T00:01:30.000Z");
  }

  @Test
  void upTo500BucketsAreReturned() {
    var query = new HashMap<>(Map.of("to", "2026-06-15", "interval", "60"));
    query.put("from", "2026-06-14T15:40:00Z");
    assertThat(summary(query).path("buckets").size()).isEqualTo(500);

    query.put("from", "2026-06-14T15:39:59.999Z");
    assertThat(refused(query))
        .isEqualTo(
            "/interval divides the range into 501 buckets, and at most 500 are returned: request a"
                + " longer interval or a shorter range");
    query.remove("interval");
    query.put("from", "1900-01-01");
    assertThat(refused(query))
        .isEqualTo(
            "/interval divides the range into 1491 buckets, and at most 500 are returned: request a"
                + " shorter range");
  }

  @Test
  void upTo100BucketsHaveHistograms() {
    var query = new HashMap<>(Map.of("to", "2026-06-15", "interval", "60", "histograms", "true"));
    query.put("from", "2026-06-14T22:20:00Z");
    assertThat(summary(query).path("buckets").size()).isEqualTo(100);

    query.put("from", "2026-06-14T22:19:59.999Z");
    assertThat(refused(query)).contains("101 buckets, and at most 100 are returned");
  }

  @Test
  void theHistogramsOfABucketAreTheTimesThatItHasAndTheirNumbers() {
    var records = new ArrayList<ObjectNode>();
    for (long millis : List.of(7, 7, 127, 1001, 900_000)) {
      records.add(record("a" + records.size(), NOON.minusSeconds(1)).put("latency_ms", millis));
    }
    table.put(records);

    var buckets = summary(Map.of("from", "2026-06-15T11:58:00Z", "histograms", "true"));

    assertThat(buckets.at("/buckets/0/latency_ms"))
        .isEqualTo(AuditApiCaller.json("{\"p50\":null,\"p95\":null,\"histogram\":[]}"));
    assertThat(buckets.at("/buckets/1/latency_ms/histogram").toString())
        .isEqualTo("[[7,2],[127,1],[1004,1],[897024,1]]");
    assertThat(buckets.at("/buckets/1/time_to_first_token_ms/histogram").toString())
        .isEqualTo("[[87,5]]");
    assertThat(buckets.at("/totals/latency_ms").has("histogram")).isFalse();
    assertThat(summary(Map.of()).toString()).doesNotContain("histogram");
  }

  @ParameterizedTest
  @CsvSource({
    "from, 2026-06-15T12:00:00Z, /from must be in the past",
    "from, 9999-01-01, /from must be in the past",
    "interval, '', /interval must be an integer from 60 to 2678400",
    "interval, 59, /interval must be an integer from 60 to 2678400",
    "interval, 2678401, /interval must be an integer from 60 to 2678400",
    "interval, 1h, /interval must be an integer from 60 to 2678400",
    "interval, \u0666\u0660, /interval must be an integer from 60 to 2678400",
    "histograms, yes, /histograms must be true or false",
    "limit, 1, /limit is not a parameter of this route",
    "cursor, x, /cursor is not a parameter of this route",
    "audit_id, a, /audit_id is not a parameter of this route",
    "request_id, a, /request_id is not a parameter of this route",
    "phase, incomplete, /phase is not a parameter of this route",
  })
  void anInvalidParameterIsReportedByItsName(String name, String value, String error) {
    assertThat(refused(Map.of(name, value))).isEqualTo(error);
  }

  @Test
  void anEmptyRangeIsRejected() {
    assertThat(refused(Map.of("from", "2026-06-15", "to", "2026-06-15")))
        .isEqualTo("/to must be later than from");
  }

  private String refused(Map<String, String> query) {
    int reads = log.of("audit_read").size();
    var response = reading.get("/audit/summary", "*/*", query);
    assertThat(response.status()).as(response.text()).isEqualTo(422);
    JsonNode error = AuditApiCaller.json(response.text()).path("errors").path(0);
    assertThat(log.of("audit_read")).hasSize(reads);
    return error.path("pointer").asText() + " " + error.path("detail").asText();
  }

  @Test
  void onlyJsonIsReturned() {
    assertThat(reading.get("/audit/summary", "text/csv", Map.of()).status()).isEqualTo(406);
    assertThat(reading.get("/audit/summary", "*/*", Map.of()).status()).isEqualTo(200);
  }

  @Test
  void erasedRecordsAndErasuresAreCounted() {
    var erasures = new Erasures(table);
    erasures.store(Samples.completed(Samples.intent("a")));
    Erasures.assertCounts(erasures.erase("ann"), 1, 0);

    var summary = summary(Map.of("from", "2026-06-15", "to", "2026-06-17"));

    assertThat(table.record("a").has("erased_at")).isTrue();
    assertThat(summary.at("/totals/records").asInt()).isEqualTo(2);
    assertThat(summary.at("/totals/prompt_tokens").asInt()).isEqualTo(12);
    assertThat(summary.at("/totals/records_without_tokens").asInt()).isEqualTo(1);
    assertThat(summary.path("models").findValuesAsText("model")).containsExactly("", "m-1-dated");
  }

  @Test
  void aRequestFailedOverIfItTriedMoreThanOneModel() {
    var names = List.of("", "m", "m m", "m n", "n m m");
    var records = new ArrayList<ObjectNode>();
    for (String models : names) {
      var record = record("a" + records.size(), NOON.minusSeconds(1));
      var tried = record.putArray("tried");
      for (String model : models.isEmpty() ? List.<String>of() : List.of(models.split(" ", -1))) {
        tried.addObject().put("model", model).put("result", "ok").put("count", 1);
      }
      records.add(record);
    }
    var old = record("old", NOON.minusSeconds(1));
    old.remove("tried");
    records.add(old);
    table.put(records);

    assertThat(summary(Map.of()).at("/totals/failovers").asInt()).isEqualTo(2);
  }

  @Test
  void whatIsNotAnAmountIsAnUnknownCost() {
    var amounts = List.of("1e999999999", "-1", "", ".", "1.", ".5", "1.2.3", " 1", "0x1", "NaN");
    var records = new ArrayList<ObjectNode>();
    for (int i = 0; i <= amounts.size(); i++) {
      records.add(record("a" + i, NOON.minusSeconds(1)));
    }
    table.put(records);
    var stored = amounts.stream().map(AttributeValue::fromS).collect(Collectors.toList());
    stored.add(AttributeValue.fromN("5"));
    // The consumer stores no such amount, but others may have written to the table.
    for (Map<String, AttributeValue> item : table.items()) {
      var changed = new HashMap<>(item);
      changed.put("cost_usd", stored.removeFirst());
      table.dynamo().putItem(put -> put.tableName(table.config().table()).item(changed));
    }

    var totals = summary(Map.of()).path("totals");

    assertThat(totals.path("cost_usd").isNull()).isTrue();
    assertThat(totals.path("records_without_cost").asInt()).isEqualTo(11);
  }

  @Test
  void theSumsOfTheRequestsOfARangeAddUpToThatOfTheRange() {
    table.put(new RandomTrail(7, Duration.ofHours(20)).records(4000));
    var query = Map.of("from", "2026-06-14T12:00:00Z", "to", "2026-06-15T12:00:00Z");
    var records = exported(query);
    var divided = new HashMap<>(query);
    divided.putAll(Map.of("interval", "3600", "histograms", "true"));
    var whole = summary(divided);
    SummedByHand.check(whole, records);
    for (int milliseconds : List.of(2600, 6000)) {
      SummedByHand.checkAddUp(parts(new HashMap<>(divided), milliseconds), whole);
    }
  }

  /** The sums of each request of a range, if each call of the table takes that long. */
  private List<JsonNode> parts(Map<String, String> query, int milliseconds) {
    var nanos = new AtomicLong();
    var slow =
        reading(
            request -> {
              if (request instanceof QueryRequest) {
                nanos.addAndGet(Duration.ofMillis(milliseconds).toNanos());
              }
            },
            nanos::get,
            Duration.ofSeconds(60));
    var parts = new ArrayList<JsonNode>();
    JsonNode part = summary(slow, query);
    while (!part.path("complete").asBoolean()) {
      parts.add(part);
      assertThat(parts.size()).as("requests without an end").isLessThan(50);
      String next = part.path("next_from").textValue();
      assertThat(next).isGreaterThan(query.get("from")).isLessThan(query.get("to"));
      query.put("from", next);
      part = summary(slow, query);
    }
    parts.add(part);
    assertThat(parts.size()).isGreaterThan(1);
    assertThat(part.path("next_from").isNull()).isTrue();
    return parts;
  }

  /** Else a request that is continued at the same time would never end. */
  @Test
  void aRequestReadsAllRecordsOfItsFirstMillisecondWhateverTheTime() {
    Instant time = NOON.minusSeconds(5);
    var records = new ArrayList<ObjectNode>();
    IntStream.range(0, 2500).forEach(n -> records.add(record("a" + n, time)));
    records.add(record("b", NOON.minusSeconds(2)));
    table.put(records);
    var nanos = new AtomicLong();
    var slow = reading(_ -> nanos.addAndGet(100_000_000), nanos::get, Duration.ofSeconds(6));
    var query = new HashMap<>(Map.of("from", time.toString()));

    var first = summary(slow, query);

    assertThat(first.at("/totals/records").asInt()).isGreaterThanOrEqualTo(2500);
  }

  @Test
  void theTableIsNeverScannedAndOnlyWhatIsSummedUpIsRead() {
    table.put(new RandomTrail(1, Duration.ofHours(2)).records(300));
    var watching =
        reading(
            request -> {
              asked.add(request.getClass().getSimpleName());
              if (request instanceof BatchGetItemRequest get) {
                get.requestItems()
                    .values()
                    .forEach(
                        items ->
                            assertThat(items.expressionAttributeNames().values())
                                .contains("latency_ms", "status")
                                .doesNotContain("message_preview", "identity", "trace_id"));
              }
            },
            System::nanoTime,
            Duration.ofSeconds(60));

    var _ = summary(watching, Map.of("status", "200"));

    assertThat(asked).containsExactly("BatchGetItemRequest", "GetItemRequest", "QueryRequest");
  }

  @Test
  void aSummaryIsLoggedAsARead() {
    table.put(List.of(record("a", NOON.minusSeconds(1)), record("b", NOON.minusSeconds(2))));

    var _ = summary(Map.of("user_id", "ann"));

    var lines = log.of("audit_read");
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst().path("phase").asText()).isEqualTo("intent");
    assertThat(lines.getLast().path("endpoint").asText()).isEqualTo("/audit/summary");
    assertThat(lines.getLast().path("records").asInt()).isEqualTo(2);
    assertThat(lines.getLast().at("/parameters/user_id").asText()).isEqualTo("ann");
  }

  @ParameterizedTest
  @CsvSource({
    "400, ProvisionedThroughputExceededException, 503",
    "500, InternalServerError, 503",
    "400, AccessDeniedException, 500"
  })
  void aFaultOfTheTableIsAnsweredAsForAPage(int status, String code, int answer) {
    try (var endpoint = FailingEndpoint.answering(status, code)) {
      var root = new Composition(LocalDynamo.client(endpoint.uri()), table.config(), log.log());
      var failing =
          new AuditApiCaller(
              new AuditReaderFunction(root, InstantSource.fixed(NOON), System::nanoTime));

      var response = failing.get("/audit/summary", "*/*", Map.of());

      assertThat(response.status()).isEqualTo(answer);
      assertThat(response.header("Retry-After")).isEqualTo(answer == 503 ? "2" : "");
    }
  }
}
