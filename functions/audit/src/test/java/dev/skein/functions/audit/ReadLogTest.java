package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

@ExtendWith(TestTable.OfEachTest.class)
final class ReadLogTest {
  private static final String READER = "arn:aws:iam::123456789012:user/auditor";

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private final LogLines log = new LogLines();
  private final TestTable table;
  private final AuditApiCaller caller;
  private final Erasures erasures;

  ReadLogTest(TestTable table) {
    this.table = table;
    this.erasures = new Erasures(table);
    this.caller = new AuditApiCaller(reader(table.dynamo()));
  }

  private AuditReaderFunction reader(DynamoDbClient dynamo) {
    return new AuditReaderFunction(
        new Composition(dynamo, table.config(), log.log()),
        InstantSource.fixed(NOON.plus(Duration.ofMinutes(1))),
        System::nanoTime);
  }

  private CollectedResponse read(String path, String accept, Map<String, String> query) {
    var event = (ObjectNode) AuditApiCaller.request(path, accept, query);
    ((ObjectNode) event.path("requestContext")).putObject("identity").put("userArn", READER);
    return caller.send(event, new CollectedResponse());
  }

  private List<JsonNode> lines() {
    return log.of("audit_read");
  }

  private static JsonNode line(String path, String phase, Map<String, String> parameters) {
    var line =
        Json.object()
            .put("timestamp", "2026-06-15T12:00:00.000Z")
            .put("level", "INFO")
            .put("event", "audit_read")
            .put("phase", phase)
            .put("request_id", "r-1")
            .put("identity", READER)
            .put("endpoint", path);
    var filters = line.putObject("parameters");
    parameters.forEach(filters::put);
    return line;
  }

  private static JsonNode completed(
      String path, Map<String, String> parameters, int records, int status) {
    return ((ObjectNode) line(path, "completed", parameters))
        .put("records", records)
        .put("status", status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/jsonl", "text/csv"})
  void aReadIsLoggedWithItsCallerItsFiltersAndTheNumberOfItsRecords(String format) {
    erasures.store(Samples.intent("a"), Samples.intent("b"), Samples.intent("c", NOON, "bob"));
    var query = Map.of("user_id", "ann");

    assertThat(read("/audit", format, query).status()).isEqualTo(200);

    assertThat(lines())
        .containsExactly(line("/audit", "intent", query), completed("/audit", query, 2, 200));
  }

  @Test
  void aReadIsLoggedWithTheCallersTrace() {
    var event = (ObjectNode) AuditApiCaller.request("/audit", "application/json", Map.of());
    ((ObjectNode) event.path("headers")).put("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");
    caller.send(event, new CollectedResponse());

    assertThat(lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line.path("trace_id").textValue()).isEqualTo(TRACE));
  }

  @Test
  void onlyTheRecordsOfThePageCount() {
    erasures.store(Samples.intent("a"), Samples.intent("b"));

    var page = read("/audit", "application/json", Map.of("limit", "1"));

    assertThat(page.status()).isEqualTo(200);
    assertThat(lines().getLast()).isEqualTo(completed("/audit", Map.of("limit", "1"), 1, 200));
  }

  @Test
  void oneRecordWithItsTextsAndTheChainAreReadsToo() {
    erasures.store(Samples.intent("a"));
    var query = Map.of("audit_id", "a", "content", "true");

    assertThat(read("/audit", "application/json", query).status()).isEqualTo(200);
    assertThat(read("/audit/chain", "application/jsonl", Map.of()).status()).isEqualTo(200);

    assertThat(lines())
        .hasSize(4)
        .contains(completed("/audit", query, 1, 200), completed("/audit/chain", Map.of(), 1, 200));
  }

  @Test
  void aCallerWhoLeavesAnExportIsLoggedWithWhatWasRead() {
    erasures.store(Samples.intent("a"), Samples.intent("b"));
    var event = AuditApiCaller.request("/audit", "application/jsonl", Map.of());

    caller.send(event, new CollectedResponse().disconnectingAt(1));

    assertThat(lines()).hasSize(2);
    assertThat(lines().getFirst().path("phase").textValue()).isEqualTo("intent");
  }

  @Test
  void aRequestThatIsRejectedReadsNothingAndIsNotLogged() {
    assertThat(read("/audit", "application/json", Map.of("limit", "none")).status()).isEqualTo(422);

    assertThat(lines()).isEmpty();
  }

  @Test
  void aTableThatDoesNotRespondIsLoggedAsTheErrorOfTheRead() {
    try (var endpoint = FailingEndpoint.answering(500, "InternalServerError")) {
      var failing = new AuditApiCaller(reader(LocalDynamo.client(endpoint.uri())));
      assertThat(failing.answer(Map.of()).path("statusCode").intValue()).isEqualTo(503);
    }

    assertThat(lines().getLast().path("error").textValue()).isEqualTo("audit-unavailable");
    assertThat(lines().getLast().path("records").intValue()).isZero();
  }
}
