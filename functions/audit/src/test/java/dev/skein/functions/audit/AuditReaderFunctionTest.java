package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.failed;
import static dev.skein.functions.audit.Samples.intent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestTable.OfEachTest.class)
final class AuditReaderFunctionTest {
  private final TestTable table;
  private final LogLines log = new LogLines();
  private final Set<String> asked = new ConcurrentSkipListSet<>();
  private final AuditApiCaller reading;

  AuditReaderFunctionTest(TestTable table) {
    this.table = table;
    this.reading = reader(NOON);
  }

  private AuditApiCaller reader(Instant now) {
    return new AuditApiCaller(
        new AuditReaderFunction(
            new Composition(
                LocalDynamo.client(
                    table.endpoint(), request -> asked.add(request.getClass().getSimpleName())),
                table.config(),
                log.log()),
            InstantSource.fixed(now),
            System::nanoTime));
  }

  @AfterEach
  void theTableWasNeverScanned() {
    assertThat(asked).isSubsetOf("QueryRequest", "GetItemRequest", "BatchGetItemRequest");
  }

  private void store(AuditRecord... records) {
    for (var record : records) {
      try {
        var message = AuditMessage.read(Samples.body(record));
        var result =
            new AuditStore(table.dynamo(), table.config())
                .store(message, Deadline.in(Duration.ofSeconds(10), System::nanoTime));
        assertThat(result).isEqualTo(new StoreResult.Stored());
      } catch (PoisonException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static AuditRecord at(Instant timestamp, String auditId) {
    return intent(auditId, timestamp, "ann");
  }

  @Test
  void anEmptyTrailIsAnEmptyLastPage() {
    assertThat(Json.STRICT.write(reading.ok(Map.of("user_id", "ann"))))
        .isEqualTo(
            "{\"records\":[],\"summary\":{\"records\":0,\"errors\":0,\"prompt_tokens\":null,"
                + "\"completion_tokens\":null,\"total_tokens\":null,\"records_without_tokens\":0,"
                + "\"cost_usd\":null,\"records_without_cost\":0,"
                + "\"latency_ms\":{\"p50\":null,\"p95\":null}},\"next_cursor\":null}");
  }

  /** Else the start would rehearse only a refusal. */
  @Test
  void theRehearsedEventIsAnswered() throws Exception {
    var response = reading.answer(Json.EVENT.parse(AuditReaderFunction.REHEARSED));

    assertThat(response.path("statusCode").asInt()).isEqualTo(200);
    assertThat(asked).contains("QueryRequest");
  }

  @Test
  void aRecordIsReturnedAsItWasSentWithoutDerivedAttributes() {
    var answered = completed(at(NOON.minusMillis(2), "a"));
    var unanswered = failed(at(NOON.minusMillis(1), "b"));
    store(answered, unanswered);

    var records = reading.ok(Map.of()).path("records");

    assertThat(Json.STRICT.write(records))
        .isEqualTo("[" + Samples.body(unanswered) + "," + Samples.body(answered) + "]");
  }

  @Test
  void unknownFieldsFollowTheKnownOnes() throws Exception {
    var newer = intent("a").toJson().put("zone", "z").put("area", "a");
    var message = AuditMessage.read(Json.STRICT.write(newer));
    new AuditStore(table.dynamo(), table.config())
        .store(message, Deadline.in(Duration.ofSeconds(10), System::nanoTime));

    var record = reader(NOON.plusSeconds(1)).ok(Map.of()).path("records").path(0);

    assertThat(Json.STRICT.write(record)).endsWith("\"area\":\"a\",\"zone\":\"z\"}");
  }

  @Test
  void recordsComeNewestFirstOverAllUsersAndDays() {
    store(
        at(NOON.minus(Duration.ofDays(3)), "a"),
        intent("b", NOON.minus(Duration.ofDays(1)), "bob"),
        at(NOON.minusSeconds(1), "c"),
        intent("d", NOON.minusSeconds(2), "bob"));

    assertThat(reading.page(Map.of()).ids()).containsExactly("c", "d", "b", "a");
  }

  @Test
  void aUserIdSelectsOnlyThatUsersRecords() {
    store(
        at(NOON.minus(Duration.ofDays(90)), "a"),
        intent("b", NOON.minus(Duration.ofDays(1)), "bob"),
        at(NOON.minusSeconds(1), "c"));

    assertThat(reading.page(Map.of("user_id", "ann")).ids()).containsExactly("c", "a");
    assertThat(reading.page(Map.of("user_id", "bob")).ids()).containsExactly("b");
    assertThat(reading.page(Map.of("user_id", "an")).ids()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ann"})
  void fromIsInclusiveAndToIsExclusive(String userId) {
    var day = Instant.parse("2026-06-10T00:00:00Z");
    store(
        at(day.minusMillis(1), "before"),
        at(day, "first"),
        at(day.plusMillis(1), "second"),
        at(day.plus(Duration.ofDays(1)).minusMillis(1), "last"),
        at(day.plus(Duration.ofDays(1)), "after"));

    assertThat(range(userId, "2026-06-10", "2026-06-11").ids())
        .containsExactly("last", "second", "first");
    assertThat(range(userId, "2026-06-10T00:00:00Z", "2026-06-10T00:00:00.001Z").ids())
        .containsExactly("first");
    assertThat(range(userId, "2026-06-10T02:00:00+02:00", "2026-06-10T00:00:00.001Z").ids())
        .containsExactly("first");
    assertThat(range(userId, "2026-06-10T00:00:00.000000001Z", "2026-06-11").ids())
        .containsExactly("last", "second");
    assertThat(range(userId, "2026-06-10", "2026-06-10T00:00:00.000000001Z").ids())
        .containsExactly("first");
    assertThat(range(userId, "0001-01-01", "2026-06-10").ids()).contains("before");
    assertThat(range(userId, "2026-06-11", "9999-12-31").ids()).containsExactly("after");
    assertThat(range(userId, "2099-01-01", "9999-12-31").ids()).isEmpty();
    assertThat(range(userId, "0001-01-01", "0002-01-01").ids()).isEmpty();
  }

  private AuditApiCaller.Page range(String userId, String from, String to) {
    return reading.page(
        userId.isEmpty()
            ? Map.of("from", from, "to", to)
            : Map.of("user_id", userId, "from", from, "to", to));
  }

  @Test
  void withoutARangeAllRetainedRecordsUntilNowAreReturned() {
    store(
        at(NOON.minus(Duration.ofDays(365)).minusMillis(1), "expired"),
        at(NOON.minus(Duration.ofDays(365)), "oldest"),
        at(NOON.minusMillis(1), "newest"),
        at(NOON, "now"));

    assertThat(reading.page(Map.of("user_id", "ann")).ids()).containsExactly("newest", "oldest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ann"})
  void pagesHaveEachRecordOnceWhileNewOnesArrive(String userId) {
    var ids = IntStream.range(0, 250).mapToObj("a%03d"::formatted).toList();
    ids.forEach(id -> store(at(NOON.minusSeconds(1000 - Long.parseLong(id.substring(1))), id)));
    var query = userId.isEmpty() ? Map.of("from", "2026-06-14") : Map.of("user_id", userId);

    var sizes = new ArrayList<Integer>();
    var seen = new ArrayList<String>();
    var page = reading.page(query, "limit", "100");
    while (sizes.size() < 5) {
      sizes.add(page.ids().size());
      seen.addAll(page.ids());
      if (page.next().isEmpty()) {
        break;
      }
      store(at(NOON.minusMillis(500 - sizes.size()), "new" + sizes.size()));
      page = reading.page(query, "limit", "100", "cursor", page.next().get());
    }

    assertThat(sizes).containsExactly(100, 100, 50);
    assertThat(seen).containsExactlyElementsOf(ids.reversed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ann"})
  void aFullLastPageHasNoCursor(String userId) {
    store(at(NOON.minusMillis(3), "a"), at(NOON.minusMillis(2), "b"), at(NOON.minusMillis(1), "c"));
    var query =
        Map.of(
            "from",
            "2026-06-15",
            userId.isEmpty() ? "to" : "user_id",
            userId.isEmpty() ? "2026-06-16" : userId);

    assertThat(reading.page(query, "limit", "3").next()).isEmpty();
    var page = reading.page(query, "limit", "2");
    assertThat(page.ids()).containsExactly("c", "b");
    page = reading.page(query, "limit", "2", "cursor", page.next().orElseThrow());
    assertThat(page.ids()).containsExactly("a");
    assertThat(page.next()).isEmpty();
  }

  @Test
  void recordsOfTheSameMillisecondAreOrderedById() {
    var millisecond = NOON.minusMillis(1);
    store(at(millisecond, "a"), at(millisecond, "b"), at(millisecond, "c"), at(millisecond, "!"));

    assertThat(reading.all(Map.of("user_id", "ann"), 1)).containsExactly("c", "b", "a", "!");
    assertThat(reading.all(Map.of(), 3)).containsExactly("c", "b", "a", "!");
  }

  @Test
  void aGapBetweenRecordsCostsNoPage() {
    store(at(NOON.minus(Duration.ofDays(200)), "a"), at(NOON.minusSeconds(1), "b"));

    var page = reading.page(Map.of());

    assertThat(page.ids()).containsExactly("b", "a");
    assertThat(page.next()).isEmpty();
  }

  @Test
  void pagesOfLargeRecordsStayBelowTheResponseLimit() throws Exception {
    var ids = IntStream.range(0, 30).mapToObj("a%02d"::formatted).toList();
    for (String id : ids) {
      // Two characters of the event for each of the page: the worst that a text can be.
      var large =
          at(NOON.minusSeconds(60), id).toJson().put("message_preview", "\"".repeat(200_000));
      var message = AuditMessage.read(Json.STRICT.write(large));
      new AuditStore(table.dynamo(), table.config())
          .store(message, Deadline.in(Duration.ofSeconds(10), System::nanoTime));
    }

    assertThat(reading.all(Map.of(), 100)).containsExactlyElementsOf(ids.reversed());
    assertThat(reading.all(Map.of("user_id", "ann"), 100))
        .containsExactlyElementsOf(ids.reversed());
    assertThat(reading.largestEvent()).isBetween(3_000_000, 6_000_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void thePagesOfAnyQueryHaveItsRecordsInOrder(long seed) {
    var random = new Random(seed);
    var records =
        IntStream.range(0, 60)
            .mapToObj(
                n ->
                    intent(
                        "a" + n,
                        NOON.minus(Duration.ofHours(1 + random.nextInt(24 * 70))),
                        random.nextBoolean() ? "ann" : "bob"))
            .toList();
    store(records.toArray(AuditRecord[]::new));

    for (int n = 0; n < 12; n++) {
      Instant from = NOON.minus(Duration.ofHours(2 + random.nextInt(24 * 70)));
      Instant to = from.plus(Duration.ofHours(1 + random.nextInt(24 * 70)));
      var user = Stream.of("ann", "bob", "").skip(random.nextInt(3)).findFirst().orElseThrow();
      var query =
          user.isEmpty()
              ? Map.of("from", from.toString(), "to", to.toString())
              : Map.of("from", from.toString(), "to", to.toString(), "user_id", user);

      assertThat(reading.all(query, 1 + random.nextInt(20)))
          .as("%s", query)
          .containsExactlyElementsOf(expected(records, user, from, to));
    }
  }

  private static List<String> expected(
      List<AuditRecord> records, String user, Instant from, Instant to) {
    return records.stream()
        .filter(record -> user.isEmpty() || record.userId().equals(user))
        .filter(record -> !record.timestamp().isBefore(from) && record.timestamp().isBefore(to))
        .sorted(
            Comparator.comparing(AuditRecord::timestamp)
                .thenComparing(AuditRecord::auditId)
                .reversed())
        .map(AuditRecord::auditId)
        .toList();
  }

  @Test
  void theLogHasNothingOfTheRecordsAndTheQueryOnlyWhereTheReadIsAudited() {
    store(at(NOON.minusMillis(1), "a"));

    reading.page(Map.of("user_id", "ann"));

    assertThat(log.of("request"))
        .singleElement()
        .satisfies(line -> assertThat(line.path("status").asInt()).isEqualTo(200));
    assertThat(log.text()).doesNotContain("skein?");
    assertThat(log.text().lines().filter(line -> !line.contains("\"event\":\"audit_read\"")))
        .isNotEmpty()
        .noneMatch(line -> line.contains("ann"));
  }

  @Test
  void aMissingTableIsAnInternalError() {
    var lost =
        new AuditApiCaller(
            new AuditReaderFunction(
                new Composition(
                    table.dynamo(),
                    new TableConfig("no-such-table", Duration.ofDays(1)),
                    log.log()),
                InstantSource.fixed(NOON),
                System::nanoTime));

    JsonNode response = lost.answer(Map.of());

    assertThat(response.path("statusCode").asInt()).isEqualTo(500);
    assertThat(response.path("body").asText()).doesNotContain("no-such-table", "Exception");
    assertThat(log.of("bug")).hasSize(1);
  }
}
