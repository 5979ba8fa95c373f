package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The pages and the sums of a large trail. {@code mvn -Plong verify} fills it with 100,000 records
 * for each number of shards, and {@code -Dskein.audit.records} and {@code -Dskein.audit.shards}
 * with others. It prints the median and the largest time of nine warm pages, or of one if there are
 * fewer than 10,000 records, and how long the sums took, with the memory that they needed.
 */
@ExtendWith(TestTable.OfEachTest.class)
final class LargeTrailTest {
  private static final int RECORDS = Integer.getInteger("skein.audit.records", 2000);
  private static final int ROUNDS = RECORDS < 10_000 ? 1 : 9;

  private final TestTable table;

  LargeTrailTest(TestTable table) {
    this.table = table;
  }

  static List<Integer> shards() {
    return Arrays.stream(System.getProperty("skein.audit.shards", "4").split(",", -1))
        .map(Integer::valueOf)
        .toList();
  }

  /** One in 1,000 users, models of 60 to 1 in 100, and 3 errors in 100; 1 in 500 is incomplete. */
  private static ObjectNode record(int n) {
    var time = NOON.minus(Duration.ofHours(1)).minusSeconds(300L * (RECORDS - n));
    int spread = Math.floorMod(n * 7919, 1_000_003);
    var intent = Samples.intent("audit-%08d".formatted(spread), time, "u" + spread % 1000);
    if (n % 500 == 7) {
      return intent.toJson();
    }
    boolean failed = n % 33 == 5;
    var record = (failed ? Samples.failed(intent) : Samples.completed(intent)).toJson();
    int kind = spread % 100;
    record.put("model", kind < 60 ? "m-0" : kind < 90 ? "m-1" : kind < 99 ? "m-2" : "m-rare");
    return record.put("identity", "arn:aws:iam::123456789012:user/" + spread % 10);
  }

  private static Map<String, Map<String, String>> queries() {
    var queries = new LinkedHashMap<String, Map<String, String>>();
    queries.put("all", Map.of());
    queries.put("user (0.1 %)", Map.of("user_id", "u7"));
    queries.put("identity (10 %)", Map.of("identity", "arn:aws:iam::123456789012:user/7"));
    queries.put("model (60 %)", Map.of("model", "m-0"));
    queries.put("model (1 %)", Map.of("model", "m-rare"));
    queries.put("status 200 (97 %)", Map.of("status", "200"));
    queries.put("error (3 %)", Map.of("error", "model-timed-out"));
    queries.put("incomplete (0.2 %)", Map.of("phase", "incomplete"));
    queries.put("user x status 200", Map.of("user_id", "u7", "status", "200"));
    queries.put("model 1 % x status 200", Map.of("model", "m-rare", "status", "200"));
    queries.put("error x model 60 %", Map.of("error", "model-timed-out", "model", "m-0"));
    queries.put("error x model 1 %", Map.of("error", "model-timed-out", "model", "m-rare"));
    queries.put(
        "identity x model 60 %",
        Map.of("identity", "arn:aws:iam::123456789012:user/7", "model", "m-0"));
    queries.put(
        "status 200 x model 60 % x identity",
        Map.of("identity", "arn:aws:iam::123456789012:user/7", "model", "m-0", "status", "200"));
    return queries;
  }

  @ParameterizedTest
  @MethodSource("shards")
  void everyPageIsFullUntilTheLast(int shards) {
    var config = new TableConfig(table.config().table(), table.config().retention(), shards);
    var filled = new TestTable(table.dynamo(), table.patient(), table.endpoint(), config);
    filled.put(IntStream.range(0, RECORDS).mapToObj(LargeTrailTest::record).toList());
    var reading =
        new AuditApiCaller(
            new AuditReaderFunction(
                new Composition(table.dynamo(), config, new LogLines().log()),
                InstantSource.fixed(NOON),
                System::nanoTime));
    for (int limit : List.of(20, 100)) {
      queries().forEach((name, query) -> measure(reading, shards, limit, name, query));
    }
    for (var query :
        List.of(Map.<String, String>of(), Map.of("model", "m-rare"), Map.of("status", "200"))) {
      sumUp(reading, shards, query);
    }
  }

  /** All records, in as many requests as it takes. */
  private static void sumUp(AuditApiCaller reading, int shards, Map<String, String> filters) {
    var query = new HashMap<>(filters);
    query.put("from", "2017-01-01");
    query.put("to", NOON.toString());
    query.put("interval", "2678400");
    int records = 0;
    for (boolean complete = false; !complete; ) {
      System.gc();
      long used = used();
      long start = System.nanoTime();
      var response = reading.get("/audit/summary", "*/*", query);
      double seconds = (System.nanoTime() - start) / 1e9;
      var summary = AuditApiCaller.json(response.text());
      complete = summary.path("complete").asBoolean();
      int summed = summary.at("/totals/records").asInt();
      records += summed;
      query.put("from", summary.path("next_from").asText());
      System.out.printf(
          "shards %d, summary %s: %d records in %.2f s, %.0f per second; heap %+d MB, body %d KB%n",
          shards,
          filters,
          summed,
          seconds,
          summed / seconds,
          (used() - used) >> 20,
          response.text().length() >> 10);
    }
    if (filters.isEmpty()) {
      assertThat(records).isEqualTo(RECORDS);
    }
  }

  private static long used() {
    var runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void measure(
      AuditApiCaller reading, int shards, int limit, String name, Map<String, String> filters) {
    Duration trail = Duration.ofSeconds(300L * RECORDS);
    var places = new LinkedHashMap<String, Duration>();
    places.put("first", Duration.ZERO);
    places.put("middle", trail.dividedBy(2));
    places.put("last", trail.minus(trail.dividedBy(50)));
    places.forEach(
        (place, age) -> {
          var query = new HashMap<>(filters);
          query.put("limit", Integer.toString(limit));
          query.put("from", "2017-01-01");
          query.put("to", NOON.minus(age).toString());
          var page = reading.page(query);
          assertThat(page.next().isEmpty() || page.ids().size() == limit).isTrue();
          double[] times = new double[ROUNDS];
          for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            var _ = reading.page(query);
            times[round] = (System.nanoTime() - start) / 1e6;
          }
          Arrays.sort(times);
          System.out.printf(
              "shards %d, limit %3d, %-36s %-6s %3d records: %5.1f ms, at most %5.1f ms%n",
              shards, limit, name, place, page.ids().size(), times[ROUNDS / 2], times[ROUNDS - 1]);
        });
  }
}
