package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.audit.AuditField;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;

@ExtendWith(TestTable.OfEachTest.class)
final class AuditExportTest {
  private static final String JSONL = "application/jsonl";
  private static final String CSV = "text/csv";

  private final TestTable table;
  private final LogLines log = new LogLines();

  AuditExportTest(TestTable table) {
    this.table = table;
  }

  private AuditApiCaller reading() {
    return reading(table.dynamo(), false, System::nanoTime);
  }

  private AuditApiCaller reading(DynamoDbClient dynamo, boolean buffered, LongSupplier nanoTime) {
    return new AuditApiCaller(
        new AuditReaderFunction(
            new Composition(dynamo, table.config(), log.log(), buffered),
            InstantSource.fixed(NOON),
            nanoTime),
        Duration.ofSeconds(60));
  }

  private static ObjectNode record(int n) {
    var intent = Samples.intent("a%04d".formatted(n), NOON.minusSeconds(10_000 - n), "ann");
    return (n % 3 == 0 ? intent : n % 3 == 1 ? Samples.completed(intent) : Samples.failed(intent))
        .toJson();
  }

  private static List<ObjectNode> records(int count) {
    return IntStream.range(0, count).mapToObj(AuditExportTest::record).toList();
  }

  private static JsonNode parse(String json) {
    try {
      return Json.STRICT.parse(json);
    } catch (MalformedJsonException e) {
      throw new AssertionError(json, e);
    }
  }

  private static List<JsonNode> lines(CollectedResponse response) {
    return response.text().lines().map(AuditExportTest::parse).toList();
  }

  /** The rows of a CSV file, read by RFC 4180; an empty cell without quotes is null. */
  private static List<List<String>> rows(String csv) {
    var rows = new ArrayList<List<String>>();
    var row = new ArrayList<String>();
    int at = 0;
    while (at < csv.length()) {
      var cell = new StringBuilder();
      if (csv.charAt(at) == '"') {
        at++;
        while (csv.charAt(at) != '"' || (at + 1 < csv.length() && csv.charAt(at + 1) == '"')) {
          at += csv.charAt(at) == '"' ? 1 : 0;
          cell.append(csv.charAt(at++));
        }
        at++;
        row.add("text:" + cell);
      } else {
        while (csv.charAt(at) != ',' && csv.charAt(at) != '\r') {
          cell.append(csv.charAt(at++));
        }
        row.add(cell.toString());
      }
      if (csv.charAt(at) == ',') {
        at++;
      } else {
        assertThat(csv.substring(at, at + 2)).isEqualTo("\r\n");
        at += 2;
        rows.add(List.copyOf(row));
        row.clear();
      }
    }
    assertThat(row).isEmpty();
    return rows;
  }

  /** The record of a row. */
  private static JsonNode record(List<String> header, List<String> row, JsonNode like) {
    var record = Json.object();
    for (int i = 0; i < header.size(); i++) {
      String name = header.get(i);
      String cell = row.get(i);
      boolean isText = cell.startsWith("text:");
      String text = cell.substring(isText ? 5 : 0);
      text = isText && text.startsWith("'") ? text.substring(1) : text;
      int point = name.indexOf('.');
      if (point > 0) {
        if (!cell.isEmpty()) {
          record
              .withObjectProperty(name.substring(0, point))
              .set(name.substring(point + 1), isText ? TextNode.valueOf(text) : parse(text));
        }
      } else if (name.equals("other_fields")) {
        if (isText) {
          record.setAll((ObjectNode) parse(text));
        }
      } else if (cell.isEmpty()) {
        if (like.has(name)) {
          record.putNull(name);
        }
      } else if (!isText || like.path(name).isContainerNode()) {
        record.set(name, parse(text));
      } else {
        record.put(name, text);
      }
    }
    return record;
  }

  @Test
  void allFormatsHaveTheSameRecords() {
    var odd =
        record(1)
            .put("audit_id", "odd")
            .put("message_preview", "=1+1\n\"quoted\", and \u00e9 \ud83e\udebf\r\n'")
            .put("response_preview", "")
            .put("user_id", "'already")
            .put("zone", "z")
            .put("cost", -0.25);
    odd.putObject("deep").putArray("list").add(1).addNull();
    var all = new ArrayList<>(records(250));
    all.add(odd);
    table.put(all);

    var json = new ArrayList<JsonNode>();
    var page = reading().ok(Map.of("limit", "100"));
    while (true) {
      page.path("records").forEach(json::add);
      String next = page.path("next_cursor").textValue();
      if (next == null) {
        break;
      }
      page = reading().ok(Map.of("limit", "100", "cursor", next));
    }
    var jsonl = reading().get("/audit", JSONL, Map.of());
    var ndjson = reading().get("/audit", "application/x-ndjson", Map.of());
    var csv = reading().get("/audit", CSV, Map.of());

    assertThat(json).hasSize(251);
    assertThat(lines(jsonl)).isEqualTo(json);
    assertThat(jsonl.header("Content-Type")).isEqualTo(JSONL);
    assertThat(jsonl.failure()).isEmpty();
    assertThat(jsonl.writes()).isGreaterThan(2);
    assertThat(ndjson.text()).isEqualTo(jsonl.text());
    assertThat(ndjson.header("Content-Type")).isEqualTo("application/x-ndjson");
    assertThat(csv.header("Content-Type")).isEqualTo("text/csv; charset=utf-8; header=present");
    var rows = rows(csv.text());
    var header = rows.getFirst();
    assertThat(rows).hasSize(252).allSatisfy(row -> assertThat(row).hasSameSizeAs(header));
    for (int i = 0; i < json.size(); i++) {
      assertThat(record(header, rows.get(i + 1), json.get(i))).isEqualTo(json.get(i));
    }
  }

  @Test
  void anEmptyExportIsComplete() {
    assertThat(reading().get("/audit", JSONL, Map.of()).text()).isEmpty();
    var csv = reading().get("/audit", CSV, Map.of("user_id", "nobody"));

    assertThat(csv.failure()).isEmpty();
    assertThat(rows(csv.text())).hasSize(1);
    assertThat(rows(csv.text()).getFirst())
        .contains("calls.total", "calls.ok", "calls.failed")
        .contains("cost_usd", "discarded_cost_usd.low", "discarded_cost_usd.high")
        .containsAll(
            Arrays.stream(AuditField.values())
                .map(AuditField::json)
                .filter(name -> !Set.of("calls", "discarded_cost_usd").contains(name))
                .toList())
        .endsWith("other_fields");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1+1",
        "'=1",
        "=cmd|' /C calc'!A0"
      })
  void aTextThatASpreadsheetWouldEvaluateGetsAnApostrophe(String text) {
    table.put(List.of(record(1).put("message_preview", text)));

    var rows = rows(reading().get("/audit", CSV, Map.of()).text());

    int column = rows.getFirst().indexOf("message_preview");
    assertThat(rows.get(1).get(column)).isEqualTo("text:'" + text);
  }

  @Test
  void numbersInCsvStayNumbers() {
    table.put(List.of(record(1)));

    var rows = rows(reading().get("/audit", CSV, Map.of()).text());

    assertThat(rows.get(1).get(rows.getFirst().indexOf("status"))).isEqualTo("200");
    assertThat(rows.get(1).get(rows.getFirst().indexOf("truncated"))).isEqualTo("false");
    assertThat(rows.get(1).get(rows.getFirst().indexOf("tokens_per_second"))).isEqualTo("41.5");
  }

  @Test
  void anExportObeysFiltersRangeLimitAndCursor() {
    table.put(records(150));
    var query = Map.of("status", "504");
    String next = reading().ok(query).path("next_cursor").asText();

    assertThat(lines(reading().get("/audit", JSONL, query))).hasSize(50);
    assertThat(lines(reading().get("/audit", JSONL, Map.of("status", "504", "cursor", next))))
        .hasSize(30);
    assertThat(lines(reading().get("/audit", JSONL, Map.of("limit", "7")))).hasSize(7);
    assertThat(lines(reading().get("/audit", JSONL, Map.of("limit", "140")))).hasSize(140);
    assertThat(rows(reading().get("/audit", CSV, Map.of("limit", "1")).text())).hasSize(2);
    assertThat(lines(reading().get("/audit", JSONL, Map.of("to", "2026-06-15T09:13:21Z"))))
        .hasSize(1);
    assertThat(lines(reading().get("/audit", JSONL, Map.of("audit_id", "a0002")))).hasSize(1);
    assertThat(rows(reading().get("/audit", CSV, Map.of("audit_id", "none")).text())).hasSize(1);
  }

  private DynamoDbClient failingAfter(int batches) {
    var count = new AtomicInteger();
    return LocalDynamo.client(
        table.endpoint(),
        request -> {
          if (request instanceof BatchGetItemRequest && count.incrementAndGet() > batches) {
            throw SdkClientException.create("the table is down");
          }
        });
  }

  @Test
  void anExportThatTheTableBreaksOffSaysSoAndCanBeContinued() {
    table.put(records(250));
    var broken = reading(failingAfter(6), false, System::nanoTime).get("/audit", JSONL, Map.of());

    assertThat(broken.status()).isEqualTo(200);
    assertThat(broken.failure()).contains("urn:skein:problem:audit-unavailable");
    var lines = lines(broken);
    var last = lines.getLast().path("incomplete");
    assertThat(last.path("type").asText()).isEqualTo("urn:skein:problem:audit-unavailable");
    assertThat(last.path("records").asInt()).isEqualTo(lines.size() - 1).isPositive();
    var rest = reading().get("/audit", JSONL, Map.of("cursor", last.path("next_cursor").asText()));
    var whole = new ArrayList<>(lines.subList(0, lines.size() - 1));
    whole.addAll(lines(rest));
    assertThat(whole).isEqualTo(lines(reading().get("/audit", JSONL, Map.of())));
  }

  @Test
  void aBrokenCsvExportEndsInARowThatSaysSo() {
    table.put(records(250));

    var broken = reading(failingAfter(6), false, System::nanoTime).get("/audit", CSV, Map.of());

    assertThat(broken.failure()).isPresent();
    assertThat(rows(broken.text()).getLast())
        .singleElement()
        .asString()
        .startsWith("text:INCOMPLETE: ");
  }

  @Test
  void anExportThatRunsOutOfTimeSaysSo() {
    table.put(records(250));
    var nanos = new AtomicLong();
    var slow =
        LocalDynamo.client(
            table.endpoint(),
            request -> {
              if (request instanceof BatchGetItemRequest) {
                nanos.addAndGet(Duration.ofSeconds(6).toNanos());
              }
            });

    var broken = reading(slow, false, nanos::get).get("/audit", JSONL, Map.of());

    assertThat(broken.failure()).isPresent();
    assertThat(lines(broken).getLast().path("incomplete").path("detail").asText())
        .contains("time limit");
  }

  /** The SDK's parser of a response throws it when the time of the call is up. */
  @Test
  void aResponseThatIsInterruptedIsAnUnavailableTable() {
    table.put(records(250));
    var count = new AtomicInteger();
    var interrupted =
        LocalDynamo.client(
            table.endpoint(),
            request -> {
              if (request instanceof BatchGetItemRequest && count.incrementAndGet() > 6) {
                throw new UncheckedIOException(new InterruptedIOException());
              }
            });

    var broken = reading(interrupted, false, System::nanoTime).get("/audit", JSONL, Map.of());

    assertThat(broken.failure()).contains("urn:skein:problem:audit-unavailable");
    assertThat(lines(broken).getLast().has("incomplete")).isTrue();
    assertThat(
            reading(interrupted, false, System::nanoTime)
                .get("/audit", "application/json", Map.of())
                .status())
        .isEqualTo(503);
  }

  @Test
  void aTableThatFailsBeforeTheFirstRecordIsAnErrorResponse() {
    table.put(records(3));
    var down = reading(failingAfter(0), false, System::nanoTime);

    for (String format : List.of(JSONL, CSV)) {
      var response = down.get("/audit", format, Map.of());
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
    }
  }

  @Test
  void aCallerWhoDisconnectsEndsTheExport() {
    table.put(records(250));
    var response = new CollectedResponse().disconnectingAt(2);

    var _ = reading().send(AuditApiCaller.request("/audit", JSONL, Map.of()), response);

    assertThat(response.writes()).isEqualTo(2);
    assertThat(response.failure()).isEmpty();
  }

  @Test
  void withoutStreamingASmallExportIsWholeAndALargeOneIsRejected() {
    table.put(records(20));
    var buffered = reading(table.dynamo(), true, System::nanoTime);
    assertThat(buffered.get("/audit", JSONL, Map.of()).text())
        .isEqualTo(reading().get("/audit", JSONL, Map.of()).text());

    table.put(
        IntStream.range(20, 60)
            .mapToObj(n -> record(n).put("message_preview", "x".repeat(100_000)))
            .toList());
    var rejected = buffered.get("/audit", CSV, Map.of());

    assertThat(rejected.status()).isEqualTo(422);
    assertThat(parse(rejected.text()).path("type").asText())
        .isEqualTo("urn:skein:problem:export-too-large");
    assertThat(buffered.get("/audit", CSV, Map.of("limit", "5")).status()).isEqualTo(200);
    assertThat(reading().get("/audit", CSV, Map.of()).bytes()).isGreaterThan(4_000_000);
  }

  /** Outside of ASCII, a character has three bytes, and six as a JSON escape. */
  @Test
  void anExportOfOtherScriptsIsRejectedByItsBytesIfItIsBuffered() {
    table.put(
        IntStream.range(0, 20)
            .mapToObj(n -> record(n).put("message_preview", "\u7cf8".repeat(60_000)))
            .toList());
    var buffered = reading(table.dynamo(), true, System::nanoTime);

    assertThat(buffered.get("/audit", CSV, Map.of()).status()).isEqualTo(422);
    assertThat(buffered.get("/audit", CSV, Map.of("limit", "10")).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "''| application/json",
        "*/*| application/json",
        "application/*| application/json",
        "text/html, application/xhtml+xml, */*;q=0.8| application/json",
        "application/jsonl| application/jsonl",
        "APPLICATION/JSONL; charset=utf-8| application/jsonl",
        "application/x-ndjson| application/x-ndjson",
        "text/csv| text/csv; charset=utf-8; header=present",
        "text/*| text/csv; charset=utf-8; header=present",
        "text/csv;q=0.5, application/jsonl;q=0.9| application/jsonl",
        "application/json;q=0.1, text/csv;q=0.2| text/csv; charset=utf-8; header=present",
        "application/json, text/csv| application/json",
        "application/json;q=0, */*| application/jsonl",
        "application/xml| none",
        "application/json-lines| none",
        "application/json;q=0| none",
        "application/jsonl;q=2| none",
        "text/html| none"
      })
  void theAcceptHeaderChoosesTheFormat(String accept, String contentType) {
    var response = reading().get("/audit", accept, Map.of());

    assertThat(response.status()).isEqualTo(contentType == null ? 406 : 200);
    assertThat(response.header("Content-Type"))
        .isEqualTo(contentType == null ? "application/problem+json" : contentType);
  }

  @Test
  void theChainIsReturnedLinkByLinkOldestFirst() {
    ShardCount.raise(table.dynamo(), table.config(), Duration.ofSeconds(10));
    for (int chain = 0; chain < 2; chain++) {
      for (int link = 1; link <= 250; link++) {
        put(chain, link);
      }
    }

    var response = reading().get("/audit/chain", "*/*", Map.of());

    assertThat(response.header("Content-Type")).isEqualTo(JSONL);
    var lines = lines(response);
    assertThat(lines).hasSize(500);
    for (int i = 0; i < 500; i++) {
      assertThat(lines.get(i).path("chain").asInt()).isEqualTo(i / 250);
      assertThat(lines.get(i).path("link").asInt()).isEqualTo(i % 250 + 1);
    }
    assertThat(Json.STRICT.write(lines.getFirst()))
        .isEqualTo("{\"chain\":0,\"entries\":[\"e1\"],\"link\":1}");
  }

  private void put(int chain, int link) {
    table
        .dynamo()
        .putItem(
            request ->
                request
                    .tableName(table.config().table())
                    .item(
                        Map.of(
                            "pk", AttributeValue.fromS("#chain#" + chain),
                            "sk", AttributeValue.fromS("%012d".formatted(link)),
                            "chain", AttributeValue.fromN("" + chain),
                            "link", AttributeValue.fromN("" + link),
                            "entries", AttributeValue.fromL(List.of(AttributeValue.fromS("e1"))),
                            "expires_at", AttributeValue.fromN("1"))));
  }

  @Test
  void theChainHasNoOtherFormatAndNoParameters() {
    assertThat(reading().get("/audit/chain", CSV, Map.of()).status()).isEqualTo(406);
    assertThat(reading().get("/audit/chain", "*/*", Map.of("from", "2026-01-01")).status())
        .isEqualTo(422);
    assertThat(reading().get("/audit/chain", "*/*", Map.of()).text()).isEmpty();
  }
}
