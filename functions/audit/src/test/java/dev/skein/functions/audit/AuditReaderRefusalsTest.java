package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestTable.OfEachTest.class)
final class AuditReaderRefusalsTest {
  private static final AuditQuery OF_ANN =
      new AuditQuery(
          Map.of(AuditFilter.USER_ID, "ann"),
          Optional.of(Instant.parse("2026-06-01T00:00:00Z")),
          Optional.empty(),
          20,
          Optional.empty());

  private static final Map<String, String> ASKED_OF_ANN =
      Map.of("user_id", "ann", "from", "2026-06-01");

  private static final String POSITION = "2026-06-02T00:00:00.000Z#a";

  static final List<Map<String, String>> INVALID =
      List.of(
          Map.of("user_id", ""),
          Map.of("user_id", "x".repeat(129)),
          Map.of("limit", ""),
          Map.of("limit", "0"),
          Map.of("limit", "-1"),
          Map.of("limit", "101"),
          Map.of("limit", "1.5"),
          Map.of("limit", "1e1"),
          Map.of("limit", "ten"),
          Map.of("limit", "99999999999"),
          Map.of("from", ""),
          Map.of("from", "yesterday"),
          Map.of("from", "2026-13-01"),
          Map.of("from", "2026-02-30"),
          Map.of("from", "2026-06-15T12:00"),
          Map.of("from", "1781524800"),
          Map.of("from", "-0001-01-01"),
          Map.of("from", "+10000-01-01"),
          Map.of("from", "+1000000000-12-31T23:59:59.999999999Z"),
          Map.of("to", "2026-06-15 12:00:00"),
          Map.of("to", "9999-12-31T23:59:59.9999Z"),
          Map.of("cursor", ""),
          Map.of("cursor", "first"),
          Map.of("cursor", "!!"),
          Map.of("cursor", encoded("null")),
          Map.of("cursor", encoded("[]")),
          Map.of("cursor", encoded("{\"position\":\"2026-06-02T00:00:00.000Z\"}")),
          Map.of("cursor", encoded("{\"position\":1}")),
          Map.of("cursor", encoded("[".repeat(5000))),
          Map.of("identity", ""),
          Map.of("identity", "x".repeat(2049)),
          Map.of("model", ""),
          Map.of("error", ""),
          Map.of("request_id", ""),
          Map.of("status", ""),
          Map.of("status", "ok"),
          Map.of("status", "+200"),
          Map.of("status", "0200"),
          Map.of("status", "99"),
          Map.of("status", "600"),
          Map.of("phase", ""),
          Map.of("phase", "intent"),
          Map.of("audit_id", ""),
          Map.of("audit_id", "x".repeat(129)),
          Map.of("content", "true"),
          Map.of("users", "ann"),
          Map.of("Limit", "1"),
          Map.of("", ""));

  private final TestTable table;
  private final LogLines log = new LogLines();
  private final AuditApiCaller reading;

  AuditReaderRefusalsTest(TestTable table) {
    this.table = table;
    this.reading = new AuditApiCaller(reader(table.endpoint()));
  }

  private AuditReaderFunction reader(URI endpoint) {
    return new AuditReaderFunction(
        new Composition(LocalDynamo.client(endpoint), table.config(), log.log()),
        InstantSource.fixed(NOON),
        System::nanoTime);
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> pointers(JsonNode response) {
    assertThat(response.path("statusCode").asInt()).as("%s", response).isEqualTo(422);
    var problem = AuditApiCaller.body(response);
    assertThat(problem.path("type").asText()).isEqualTo("urn:skein:problem:invalid-request");
    return problem.path("errors").valueStream().map(e -> e.path("pointer").asText()).toList();
  }

  @ParameterizedTest
  @FieldSource("INVALID")
  void anInvalidParameterIsReportedByItsName(Map<String, String> query) {
    assertThat(pointers(reading.answer(query)))
        .containsExactly("/" + query.keySet().iterator().next());
  }

  @ParameterizedTest
  @CsvSource({
    "2026-06-15, 2026-06-15",
    "2026-06-16, 2026-06-15",
    "2026-06-15T00:00:00.0001Z, 2026-06-15T00:00:00.0009Z"
  })
  void anEmptyRangeIsRejected(String from, String to) {
    assertThat(pointers(reading.answer(Map.of("from", from, "to", to)))).containsExactly("/to");
  }

  @Test
  void allInvalidParametersAreReportedTogether() {
    var query =
        Map.of("limit", "0", "from", "x", "to", "y", "user_id", "", "cursor", "z", "a/~", "");

    assertThat(pointers(reading.answer(query)))
        .containsExactlyInAnyOrder("/limit", "/from", "/to", "/user_id", "/a~1~0");
  }

  @ParameterizedTest
  @CsvSource({"1", "100"})
  void theSmallestAndLargestLimitAreAccepted(String limit) {
    assertThat(reading.page(Map.of("limit", limit)).ids()).isEmpty();
  }

  @Test
  void theLongestUserIdIsAccepted() {
    assertThat(reading.page(Map.of("user_id", "\ud83e\udebf".repeat(128))).ids()).isEmpty();
  }

  private static String cursorAt(String key) {
    return OF_ANN.cursor(new AuditQuery.Position(key, false));
  }

  @Test
  void aCursorIsAcceptedWithItsQuery() {
    var cursor = cursorAt(POSITION);

    assertThat(reading.page(ASKED_OF_ANN, "cursor", cursor).ids()).isEmpty();
    assertThat(reading.page(ASKED_OF_ANN, "cursor", cursor, "limit", "7").ids()).isEmpty();
    assertThat(reading.page(ASKED_OF_ANN, "cursor", cursor, "from", "2026-06-01T00:00:00Z").ids())
        .isEmpty();
  }

  @Test
  void aCursorOfAnotherQueryIsRejected() {
    var cursor = cursorAt(POSITION);

    for (var other :
        List.of(
            Map.of("cursor", cursor),
            Map.of("cursor", cursor, "user_id", "ann"),
            Map.of("cursor", cursor, "from", "2026-06-01"),
            Map.of("cursor", cursor, "user_id", "bob", "from", "2026-06-01"),
            Map.of("cursor", cursor, "user_id", "ann", "from", "2026-06-02"),
            Map.of("cursor", cursor, "user_id", "ann", "from", "2026-06-01", "to", "2026-06-03"),
            Map.of("cursor", cursor, "user_id", "ann", "from", "2026-06-01", "model", "m-1"),
            Map.of("cursor", cursor, "identity", "ann", "from", "2026-06-01"))) {
      assertThat(pointers(reading.answer(other))).as("%s", other).containsExactly("/cursor");
    }
  }

  @Test
  void aModifiedCursorIsRejected() {
    var cursor = cursorAt(POSITION);
    var text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);

    for (var tampered :
        List.of(
            cursor + "=",
            cursor.substring(1),
            cursor + "A",
            encoded(text + " "),
            encoded(text.replace("}", ",\"more\":1}")),
            encoded(text.replace("ann", "bob")),
            encoded(text.replace("false", "0")),
            cursorAt(""),
            cursorAt("2026-06-02"),
            cursorAt("2026-99-99T00:00:00.000Z"),
            cursorAt("2026-06-02T00:00:00.000Zmore"),
            cursorAt("2026-06-02T00:00:00.000Z#"),
            cursorAt("2026-06-02T00:00:00.000Z#" + "x".repeat(129)))) {
      var query = Map.of("user_id", "ann", "from", "2026-06-01", "cursor", tampered);

      assertThat(pointers(reading.answer(query))).as(tampered).containsExactly("/cursor");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0000-01-01T00:00:00.000Z",
    "2026-06-01T00:00:00.000Z",
    "2026-06-01T00:00:00.000Z#a",
    "9999-12-31T23:59:59.999Z#a"
  })
  void aForgedPositionReturnsOnlyRecordsOfItsQuery(String position) throws Exception {
    for (var record :
        List.of(
            Samples.intent("before", Instant.parse("2026-05-31T00:00:00Z"), "ann"),
            Samples.intent("other", Instant.parse("2026-06-03T00:00:00Z"), "bob"),
            Samples.intent("after", NOON, "ann"))) {
      new AuditStore(table.dynamo(), table.config())
          .store(
              AuditMessage.read(Samples.body(record)),
              Deadline.in(Duration.ofSeconds(10), System::nanoTime));
    }

    assertThat(reading.page(ASKED_OF_ANN, "cursor", cursorAt(position)).ids()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/audit", "/audit/summary"})
  void aParameterThatIsRepeatedIsRejected(String path) {
    var event = (ObjectNode) AuditApiCaller.request(path, "*/*", Map.of("user_id", "bob"));
    event.putObject("multiValueQueryStringParameters").putArray("user_id").add("ann").add("bob");

    assertThat(pointers(reading.answer(event))).containsExactly("/user_id");
  }

  @Test
  void anotherMethodIsRejected() {
    var event = Json.object().put("httpMethod", "POST").put("resource", "/audit");
    assertThat(reading.answer(event).path("statusCode").asInt()).isEqualTo(405);
  }

  @ParameterizedTest
  @CsvSource({
    "400, ProvisionedThroughputExceededException",
    "400, ThrottlingException",
    "500, InternalServerError",
    "503, ServiceUnavailable"
  })
  void aThrottledOrUnavailableTableIs503WithRetryAfter(int status, String code) {
    try (var endpoint = FailingEndpoint.answering(status, code)) {
      assertUnavailable(new AuditApiCaller(reader(endpoint.uri())).answer(Map.of()));
    }
  }

  @Test
  void deniedAccessToTheTableIsAnInternalError() {
    try (var endpoint = FailingEndpoint.answering(400, "AccessDeniedException")) {
      var response = new AuditApiCaller(reader(endpoint.uri())).answer(Map.of());

      assertThat(response.path("statusCode").asInt()).isEqualTo(500);
      assertThat(response.path("body").asText()).doesNotContain("prose", "AccessDenied");
      assertThat(log.of("bug")).hasSize(1);
    }
  }

  @Test
  void aTableThatNeverRespondsIs503BeforeTheTimeout() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var endpoint = URI.create("http://127.0.0.1:%d".formatted(silent.getLocalPort()));
      var reading = new AuditApiCaller(reader(endpoint), Duration.ofSeconds(3));
      long start = System.nanoTime();

      assertUnavailable(reading.answer(Map.of()));

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void withoutTimeLeftNoQueryIsSent() {
    assertUnavailable(
        new AuditApiCaller(reader(table.endpoint()), Duration.ofMillis(500)).answer(Map.of()));
  }

  private static void assertUnavailable(JsonNode response) {
    assertThat(response.path("statusCode").asInt()).isEqualTo(503);
    assertThat(response.path("headers").path("Retry-After").asText()).isEqualTo("2");
    var problem = AuditApiCaller.body(response);
    assertThat(problem.path("type").asText()).isEqualTo("urn:skein:problem:audit-unavailable");
    assertThat(problem.toString()).doesNotContain("prose", "Exception");
  }
}
