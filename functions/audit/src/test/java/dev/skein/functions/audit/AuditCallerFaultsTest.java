package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.api.testing.CallerFault;
import dev.skein.api.testing.CallerFuzz;
import dev.skein.api.testing.FieldFaults;
import dev.skein.api.testing.HostileEvents;
import dev.skein.api.testing.PayloadFormat2;
import dev.skein.api.testing.RefusalOfCaller;
import dev.skein.api.testing.ValidVariation;
import dev.skein.base.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault of a caller, at each route of the trail, in both formats of events. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(TestTable.OfEachTest.class)
final class AuditCallerFaultsTest {
  private static final String TIME =
      "must be a date or a time such as 2026-01-31 or 2026-01-31T12:00:00Z";
  private static final String UNKNOWN = "is not a parameter of this route";

  private final TestTable table;
  private final AuditReaderFunction reader;
  private final AuditEraserFunction eraser;

  AuditCallerFaultsTest(TestTable table) {
    this.table = table;
    // A short trail: an open search of a long one takes seconds.
    var config = new TableConfig(table.config().table(), Duration.ofDays(1));
    var root = new Composition(table.dynamo(), config, new LogLines().log());
    var clock = InstantSource.fixed(Samples.NOON);
    this.reader = new AuditReaderFunction(root, clock, System::nanoTime);
    this.eraser = new AuditEraserFunction(root, StoreConfig.DEFAULT, clock, System::nanoTime);
  }

  private static ObjectNode read(String path, String accept) {
    ObjectNode event = HostileEvents.samples("audit-reader.json").getFirst();
    event.put("resource", path).putNull("queryStringParameters");
    event.putNull("multiValueQueryStringParameters");
    event.withObject("/headers").put("Accept", accept);
    event.withObject("/multiValueHeaders").putArray("Accept").add(accept);
    return event;
  }

  private static ObjectNode erase() {
    return HostileEvents.samples("audit-eraser.json").getFirst();
  }

  private static Stream<Arguments> rows(ObjectNode valid, Stream<List<CallerFault>> faults) {
    String route = valid.path("httpMethod").asText() + " " + valid.path("resource").asText();
    return faults.flatMap(List::stream).map(fault -> Arguments.of(route, fault, valid));
  }

  static Stream<Arguments> faults() {
    var page = read("/audit", "application/json");
    var export = read("/audit", "text/csv");
    var summary = read("/audit/summary", "application/json");
    var chain = read("/audit/chain", "application/jsonl");
    return Stream.of(
            rows(page, Stream.of(CallerFault.ofRequests("GET, HEAD, DELETE"))),
            rows(page, ofPages()),
            rows(page, Stream.of(accepts())),
            rows(export, ofExports()),
            rows(summary, Stream.of(CallerFault.ofRequests("GET, HEAD"))),
            rows(summary, Stream.of(accepts())),
            rows(summary, ofSummaries()),
            rows(chain, Stream.of(CallerFault.ofRequests("GET, HEAD"))),
            rows(chain, Stream.of(accepts())),
            rows(chain, Stream.of(FieldFaults.parameter("user_id", UNKNOWN, "alice", ""))),
            rows(erase(), Stream.of(CallerFault.ofRequests("DELETE"))),
            rows(erase(), ofErasures()))
        .flatMap(rows -> rows);
  }

  private static Stream<List<CallerFault>> ofPages() {
    return Stream.of(
        FieldFaults.parameter("user_id", text(128), "", "x".repeat(129)),
        FieldFaults.parameter("identity", text(2048), "", "x".repeat(2049)),
        FieldFaults.parameter("model", text(2048), "", "x".repeat(2049)),
        FieldFaults.parameter("error", text(128), "", "x".repeat(129)),
        FieldFaults.parameter("request_id", text(2048), "", "x".repeat(2049)),
        FieldFaults.parameter("audit_id", text(128), "", "x".repeat(129)),
        FieldFaults.parameter("content", "requires audit_id", "true"),
        FieldFaults.parameter("content", "must be true or false", "x", ""),
        FieldFaults.parameter(
            "status", "must be an HTTP status, such as 200", "", "ok", "+200", "0200", "99", "600"),
        FieldFaults.parameter("phase", "must be incomplete", "", "intent", "INCOMPLETE"),
        FieldFaults.parameter(
            "limit",
            "must be an integer from 1 to 100",
            "",
            "0",
            "-1",
            "101",
            "1.5",
            "1e1",
            "0x1",
            " 1",
            "NaN",
            "4294967297",
            "99999999999999999999"),
        FieldFaults.parameter("from", TIME, "", "yesterday", "2026-02-30", "2026-06-15T12:00", "1"),
        FieldFaults.parameter("to", TIME, "", "9999-12-31T23:59:59.9999Z", "+10000-01-01"),
        FieldFaults.parameter(
            "cursor",
            "must be the next_cursor of a page with the same filters, from and to",
            "",
            "!!",
            "bnVsbA",
            "x".repeat(10_000)),
        FieldFaults.parameter("users", UNKNOWN, "", "alice"),
        FieldFaults.parameter("User_id", UNKNOWN, "alice"),
        FieldFaults.parameter("", UNKNOWN, ""),
        List.of(longName()));
  }

  /** A name that is cut within a character that UTF-16 has no single one for. */
  private static CallerFault longName() {
    return new CallerFault(
        "a long unknown parameter",
        422,
        "/" + "x".repeat(63) + "...",
        UNKNOWN,
        event -> {
          event.remove("multiValueQueryStringParameters");
          event.withObject("/queryStringParameters").put("x".repeat(63) + "\ud83e\udebf", "1");
        });
  }

  private static Stream<List<CallerFault>> ofExports() {
    return Stream.of(
        FieldFaults.parameter("limit", "must be an integer from 1 to 2147483647", "0", "-1", "x"),
        FieldFaults.parameter("user_id", text(128), ""),
        List.of(
            new CallerFault(
                "content of an export",
                422,
                "/content",
                "is available only as application/json",
                event ->
                    event
                        .putObject("queryStringParameters")
                        .put("audit_id", "a")
                        .put("content", "true"))));
  }

  private static Stream<List<CallerFault>> ofSummaries() {
    return Stream.of(
        FieldFaults.parameter("user_id", text(128), "", "x".repeat(129)),
        FieldFaults.parameter("identity", text(2048), "", "x".repeat(2049)),
        FieldFaults.parameter("model", text(2048), "", "x".repeat(2049)),
        FieldFaults.parameter("error", text(128), "", "x".repeat(129)),
        FieldFaults.parameter("status", "must be an HTTP status, such as 200", "", "ok", "0200"),
        FieldFaults.parameter("from", TIME, "", "yesterday", "2026-02-30", "2026-06-15T12:00", "1"),
        FieldFaults.parameter("from", "must be in the past", "2026-06-15T12:00:00Z", "9999-12-31"),
        FieldFaults.parameter("to", TIME, "", "9999-12-31T23:59:59.9999Z", "+10000-01-01"),
        FieldFaults.parameter(
            "interval",
            "must be an integer from 60 to 2678400",
            "",
            "0",
            "59",
            "-60",
            "2678401",
            "60.5",
            "1h",
            " 60",
            "NaN",
            "99999999999999999999"),
        FieldFaults.parameter("limit", UNKNOWN, "1"),
        FieldFaults.parameter("cursor", UNKNOWN, "x"),
        FieldFaults.parameter("audit_id", UNKNOWN, "a"),
        FieldFaults.parameter("content", UNKNOWN, "true"),
        FieldFaults.parameter("request_id", UNKNOWN, "r"),
        FieldFaults.parameter("phase", UNKNOWN, "incomplete"),
        FieldFaults.parameter("", UNKNOWN, ""),
        List.of(
            longName(),
            new CallerFault(
                "too many buckets",
                422,
                "/interval",
                "divides the range into 1440 buckets, and at most 500 are returned: request a"
                    + " longer interval or a shorter range",
                event -> event.putObject("queryStringParameters").put("interval", "60"))));
  }

  private static Stream<List<CallerFault>> ofErasures() {
    return Stream.of(
        FieldFaults.parameter("user_id", text(128), "", "x".repeat(129)),
        FieldFaults.parameter(
            "cursor", "must be the next_cursor of an earlier reply", "", "!!", "bm90IGEga2V5"),
        FieldFaults.parameter("limit", UNKNOWN, "1"),
        List.of(
            longName(),
            new CallerFault("no user", 422, "/user_id", text(128), event -> withoutQuery(event)),
            new CallerFault(
                "a list for the query",
                422,
                "/user_id",
                text(128),
                event -> {
                  withoutQuery(event);
                  event.putArray("queryStringParameters");
                })));
  }

  private static void withoutQuery(ObjectNode event) {
    event.remove(List.of("queryStringParameters", "multiValueQueryStringParameters"));
  }

  private static String text(int max) {
    return "must be a string of 1 to %d characters".formatted(max);
  }

  private static List<CallerFault> accepts() {
    return Stream.of("text/html", "q=1", ";;", "application/json;q=0, text/csv;q=2", "\ud83e\udebf")
        .map(
            accept ->
                new CallerFault(
                    "Accept: " + accept,
                    406,
                    "This route returns ",
                    event -> event.withObject("/multiValueHeaders").putArray("Accept").add(accept)))
        .toList();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("faults")
  void aFaultOfTheCallerIsNamedInAProblemDocument(
      String route, CallerFault fault, ObjectNode valid) {
    String requestId = valid.at("/requestContext/requestId").textValue();
    ObjectNode faulty = fault.of(valid);
    for (ObjectNode event : List.of(faulty, PayloadFormat2.of(faulty))) {
      RefusalOfCaller.check(call(route, event), route, fault, valid, requestId);
    }
    assertThat(table.records()).isEmpty();
  }

  static Stream<Arguments> variations() {
    return ValidVariation.ofRequests().stream()
        .flatMap(
            variation ->
                Stream.of(
                    Arguments.of("GET /audit", variation, read("/audit", "application/json")),
                    Arguments.of("GET /audit", variation, read("/audit", "text/csv")),
                    Arguments.of("GET /audit", variation, read("/audit/summary", "*/*")),
                    Arguments.of("GET /audit", variation, read("/audit/chain", "*/*"))));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("variations")
  void aValidRequestIsServedWhateverItsEventLooksLike(
      String route, ValidVariation variation, ObjectNode valid) {
    ObjectNode varied = variation.of(valid);
    for (ObjectNode event : List.of(varied, PayloadFormat2.of(varied))) {
      var response = call(route, event);
      assertThat(response.status()).as(response.text()).isEqualTo(200);
      assertThat(response.headers().get("X-Request-Id")).matches("[!-~]+");
    }
  }

  private CallerFuzz.Answer call(String route, ObjectNode event) {
    if (!route.startsWith("DELETE")) {
      var response = new AuditApiCaller(reader).send(event, new CollectedResponse());
      return new CallerFuzz.Answer(response.status(), response.headers(), response.text());
    }
    var response = ApiCall.of(eraser, event, Duration.ofSeconds(20));
    var headers = new HashMap<String, String>();
    response.headers().properties().forEach(it -> headers.put(it.getKey(), it.getValue().asText()));
    return new CallerFuzz.Answer(
        response.status(), headers, Json.EVENT.writeReadable(response.body()));
  }
}
