package dev.skein.functions.audit;

import static dev.skein.functions.audit.Erasures.ERASED_AT;
import static dev.skein.functions.audit.Erasures.assertCounts;
import static dev.skein.functions.audit.Erasures.call;
import static dev.skein.functions.audit.Erasures.text;
import static dev.skein.functions.audit.Erasures.withContent;
import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.intent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
@ExtendWith(TestTable.OfEachTest.class)
final class AuditEraserFunctionTest {
  private static final String TRACE = "1-5759e988-bd862e3fe1be46a994272793";

  private final TestTable table;
  private final Erasures erasures;

  AuditEraserFunctionTest(TestTable table) {
    this.table = table;
    this.erasures = new Erasures(table);
  }

  @Test
  void theTextsOfAUsersRecordsAreErasedAndTheRestStays() {
    var intent = Samples.intentWithPrompt("a");
    erasures.store(
        withContent(intent, "message"), intent("b"), intent("other", Samples.NOON, "bob"));
    erasures.store(withContent(completed(intent), "response"));
    var before = table.record("a");
    assertThat(before.has("prompt_sha256")).isTrue();
    assertThat(erasures.itemsWithKey("content#")).hasSize(2);

    var reply = erasures.erase("ann");

    assertCounts(reply, 2, 0);
    var erased = table.record("a");
    assertThat(erased).isEqualTo(RecordDigest.erased(before, ERASED_AT));
    assertThat(RecordDigest.of(erased)).isEqualTo(RecordDigest.of(before));
    assertThat(erased.has("message_preview")).isFalse();
    assertThat(erased.has("response_preview")).isFalse();
    assertThat(erased.has("prompt_sha256")).isFalse();
    assertThat(erased.has("content_salt")).isFalse();
    assertThat(erased.path("message_length").intValue()).isEqualTo(2000);
    assertThat(erased.path("prompt_length").intValue()).isEqualTo(4000);
    assertThat(erased.path("total_tokens").intValue()).isEqualTo(17);
    assertThat(table.record("b").path("erased_at").textValue()).isEqualTo(ERASED_AT);
    assertThat(table.record("other").has("message_preview")).isTrue();
    assertThat(erasures.itemsWithKey("content#")).isEmpty();
  }

  @Test
  void anErasureIsAuditedInTheChain() {
    erasures.store(intent("a"), intent("b"));

    var reply = erasures.erase("ann");

    var record = erasures.erasure();
    assertThat(record.path("audit_id")).isEqualTo(reply.body().path("audit_id"));
    assertThat(record.path("phase").textValue()).isEqualTo("completed");
    assertThat(record.path("user_id").textValue()).isEqualTo("ann");
    assertThat(record.path("identity").textValue()).isEqualTo("key-1");
    assertThat(record.path("request_id").textValue()).isEqualTo("req-1");
    assertThat(record.path("erased").intValue()).isEqualTo(2);
    assertThat(record.path("status").intValue()).isEqualTo(200);
    ChainCheck.assertLinked(table.records().values(), erasures.links());
    assertThat(ChainCheck.entriesOf(erasures.links()))
        .filteredOn(entry -> entry.endsWith(record.path("audit_id").asText()))
        .hasSize(2);
  }

  @Test
  void theRecordAndTheLinesOfAnErasureHaveTheCallersTrace() {
    var event = ApiCall.event("DELETE", "/audit", "");
    event.putObject("queryStringParameters").put("user_id", "nobody");
    event.putObject("headers").put("X-Amzn-Trace-Id", "Root=" + TRACE);
    var eraser = erasures.eraser(table.dynamo(), System::nanoTime);

    assertCounts(ApiCall.of(eraser, event, Duration.ofSeconds(28)), 0, 0);

    assertThat(erasures.erasure().path("trace_id").textValue()).isEqualTo(TRACE);
    assertThat(erasures.log().of("audit_batch"))
        .hasSize(2)
        .allSatisfy(
            line -> {
              assertThat(line.path("trace_id").textValue()).isEqualTo(TRACE);
              assertThat(line.path("request_id").textValue()).isEqualTo("req-1");
            });
  }

  @Test
  void theLinksOfAnErasureAreLogged() {
    assertCounts(erasures.erase("nobody"), 0, 0);

    assertThat(erasures.log().of("audit_batch").stream().map(line -> line.path("sha256").asText()))
        .containsExactlyInAnyOrderElementsOf(
            erasures.links().stream().map(link -> text(link, "sha256")).toList());
  }

  /** Of two users, API Gateway's event has the last in one place and both in another. */
  @Test
  void aRequestThatNamesTwoUsersErasesNothing() {
    erasures.store(completed(intent("a")));
    var event = ApiCall.event("DELETE", "/audit", "");
    event.putObject("queryStringParameters").put("user_id", "ann").put("cursor", "x");
    var all = event.putObject("multiValueQueryStringParameters");
    all.putArray("user_id").add("bob").add("ann");
    all.putArray("cursor").add("x");

    var refused =
        ApiCall.of(
            erasures.eraser(table.dynamo(), System::nanoTime), event, Duration.ofSeconds(28));

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.body().at("/errors/0").toString())
        .isEqualTo("{\"pointer\":\"/user_id\",\"detail\":\"must not be repeated\"}");
    assertThat(table.record("a").has("erased_at")).isFalse();
  }

  @Test
  void anErasureCanBeRepeated() {
    erasures.store(intent("a"), completed(intent("a")), intent("b"));

    assertCounts(erasures.erase("ann"), 2, 0);
    var once = table.record("a");
    assertCounts(erasures.erase("ann"), 0, 2);

    assertThat(table.record("a")).isEqualTo(once);
    assertCounts(erasures.erase("nobody"), 0, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "user_id, '', /user_id",
    "cursor, 'not base64', /cursor",
    "cursor, bm90IGEga2V5, /cursor",
    "limit, 5, /limit",
  })
  void anInvalidParameterIsReported(String name, String value, String pointer) {
    var query = new HashMap<>(Map.of("user_id", "ann"));
    query.put(name, value);

    var reply = call(erasures.eraser(table.dynamo(), System::nanoTime), query);

    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.body().path("errors").path(0).path("pointer").textValue()).isEqualTo(pointer);
    assertThat(table.records()).isEmpty();
  }

  @Test
  void theSampleEventErasesNobodysRecords() throws Exception {
    var sample =
        (ObjectNode) Json.EVENT.parse(Files.readString(Path.of("../../events/audit-eraser.json")));

    var eraser = erasures.eraser(table.dynamo(), System::nanoTime);

    assertCounts(ApiCall.of(eraser, sample, Duration.ofSeconds(28)), 0, 0);
    assertThat(erasures.erasure().path("identity").textValue())
        .isEqualTo("arn:aws:iam::123456789012:user/privacy-officer");
  }
}
